/**
 * The lesson's networks as the page sees them: orders in, answers out. One worker carries them out; where
 * it breaks over a file, another takes its place and the page says so.
 */
import { arrived, doorClosed } from '../page/door.js';
import { loadCode } from '../page/module-code.js';
import { ClassifierStopped, NamedError } from '../page/named-error.js';
import { runsVectorCode } from '../page/support.js';
import { WorkerLink, WorkerLost } from '../page/worker-link.js';
import { OWN } from './networks.js';

/**
 * @typedef {import('./networks.js').Network} Network
 * @typedef {import('./worker.js').Description} Description
 * @typedef {import('./worker.js').Hounsfield} Hounsfield
 * @typedef {import('./worker.js').Kernels} Kernels
 * @typedef {import('./worker.js').LabelledUnits} LabelledUnits
 * @typedef {import('./worker.js').LessonOrder} LessonOrder
 * @typedef {import('./worker.js').Margins} Margins
 * @typedef {import('./worker.js').ModelCard} ModelCard
 * @typedef {import('./worker.js').PhantomKind} PhantomKind
 * @typedef {import('./reference-worker.js').ReferenceRun} ReferenceRun
 * @typedef {import('./worker.js').SliceAddress} SliceAddress
 * @typedef {import('./worker.js').Walk} Walk
 */

export class LessonClient {
  /** @type {Promise<WebAssembly.Module>} */
  #code;
  /** @type {Promise<Network[]>} */
  #networks;
  /** @type {Promise<WorkerLink> | undefined} */
  #link;
  /** @type {import('./networks.js').Networks['reference']} */
  #reference;
  /** @type {Promise<WebAssembly.Module> | undefined}  Compiled when it is first wanted. */
  #referenceCode;
  /** @type {Map<string, Promise<Kernels[]>>} */
  #kernels = new Map();
  /** @type {Uint8Array | undefined}  The file of the visitor's own plane. */
  #plane;

  /**
   * Begins to load the module.
   *
   * @param {import('./networks.js').Networks} networks
   * @param {(received: number, total: number) => void} report  Counts the module's bytes.
   */
  constructor(networks, report) {
    this.#networks = networks.loaded;
    this.#reference = networks.reference;
    this.#code = this.#load(report);
    // Whoever asks first is told of a failure.
    this.#code.catch(() => {});
  }

  /**
   * @param {(received: number, total: number) => void} report
   * @returns {Promise<WebAssembly.Module>}
   */
  async #load(report) {
    if (!runsVectorCode()) {
      arrived('module');
      throw new NamedError('UnsupportedBrowser', { key: 'error.UnsupportedBrowser' });
    }
    const { code } = await loadCode(report);
    return code;
  }

  /**
   * Resolves with the networks that can be asked, once they can.
   *
   * @returns {Promise<string[]>}
   */
  async ready() {
    await this.#worker();
    return (await this.#networks).map(({ name }) => name);
  }

  /**
   * Takes a slice through a network.
   *
   * @param {string} network
   * @param {SliceAddress} slice
   * @returns {Promise<Walk>}
   */
  walk(network, slice) {
    return this.#ask({ order: 'walk', network, slice });
  }

  /**
   * What each place of the last map contributes to a unit, for the slice that was last walked through the
   * network.
   *
   * @param {string} network
   * @param {number} layer
   * @param {number} unit
   * @returns {Promise<Float32Array>}
   */
  unit(network, layer, unit) {
    return this.#ask({ order: 'unit', network, layer, unit });
  }

  /**
   * @param {string} network
   * @returns {Promise<Kernels[]>}  Those of each convolution.
   */
  kernels(network) {
    const known = this.#kernels.get(network) ?? this.#ask({ order: 'kernels', network });
    this.#kernels.set(network, known);
    return known;
  }

  /**
   * @param {SliceAddress} slice
   * @returns {Promise<Hounsfield | undefined>}
   */
  measure(slice) {
    return this.#ask({ order: 'measure', slice });
  }

  /**
   * @param {PhantomKind} kind
   * @returns {Promise<Uint8Array<ArrayBuffer>>}  A BMP file.
   */
  phantom(kind) {
    return this.#ask({ order: 'phantom', kind });
  }

  /**
   * What a network makes of a slice: the units that its plane reads.
   *
   * @param {string} network
   * @param {SliceAddress} slice
   * @returns {Promise<Description>}
   */
  describe(network, slice) {
    return this.#ask({ order: 'describe', network, slice });
  }

  /**
   * Solves planes on the first of labelled slices, and tests them on slices that are held out.
   *
   * @param {LabelledUnits} examples
   * @param {number} folds
   * @param {number[]} sizes  How many slices the first are.
   * @returns {Promise<Margins[]>}  For each of the sizes.
   */
  learn(examples, folds, sizes) {
    return this.#ask({ order: 'learn', examples, folds, sizes });
  }

  /**
   * Solves a plane on what a network made of labelled slices of both classes, and calibrates it.
   *
   * @param {string} network
   * @param {LabelledUnits} examples
   * @param {number} folds
   * @returns {Promise<Uint8Array<ArrayBuffer>>}  Its file.
   */
  plane(network, examples, folds) {
    return this.#ask({ order: 'plane', network, examples, folds });
  }

  /**
   * Makes a network of the visitor's own out of the embedded one and another plane: `OWN`.
   *
   * @param {Uint8Array} plane  Its file.
   * @returns {Promise<ModelCard>}  Rejects where the plane cannot be used, and leaves what was.
   */
  async usePlane(plane) {
    const card = await this.#ask({ order: 'open', network: OWN, plane });
    this.#plane = plane;
    return card;
  }

  /**
   * Whether networks can be run in f32.
   *
   * @returns {Promise<boolean>}
   */
  async hasReference() {
    return Boolean(await this.#reference);
  }

  /**
   * Runs a network in f32 on what its int8 form read, in a worker for this once: so the memory that it
   * takes is given back.
   *
   * @param {string} name
   * @param {Uint8Array} grey
   * @returns {Promise<ReferenceRun & { bytes: number }>}  With the size of the int8 network's file.
   */
  async reference(name, grey) {
    const network = (await this.#networks).find((known) => known.name === name);
    const model = network?.bytes ?? (await this.#ask({ order: 'embedded' }));
    this.#referenceCode ??= this.#compileReference();
    const code = await this.#referenceCode;
    await doorClosed();
    const link = WorkerLink.open();
    try {
      const run = await link.ask({ order: 'reference', code, model, grey });
      return { ...run, bytes: model.length };
    } catch (error) {
      if (!(error instanceof WorkerLost)) throw error;
      console.error(`The worker of the f32 networks broke: ${error.message}`);
      throw new ClassifierStopped();
    } finally {
      link.close();
    }
  }

  async #compileReference() {
    const bytes = await this.#reference;
    if (!bytes) throw new Error('the f32 networks are not there');
    return WebAssembly.compile(bytes);
  }

  /**
   * @param {LessonOrder} order
   * @returns {Promise<any>}
   */
  async #ask(order) {
    const link = this.#worker();
    try {
      return await (await link).ask(order);
    } catch (error) {
      if (!(error instanceof WorkerLost)) throw error;
      console.error(`The worker broke: ${error.message}`);
      if (this.#link === link) this.#link = undefined;
      throw new ClassifierStopped();
    }
  }

  /** The worker with all networks open; started where there is none. */
  #worker() {
    this.#link ??= this.#start();
    return this.#link;
  }

  async #start() {
    const [code, networks] = await Promise.all([this.#code, this.#networks]);
    // A worker keeps the policy that it is born with.
    await doorClosed();
    const link = WorkerLink.open();
    await link.ask({ order: 'start', code });
    for (const { name, bytes } of networks) await link.ask({ order: 'open', network: name, model: bytes });
    if (this.#plane) await link.ask({ order: 'open', network: OWN, plane: this.#plane });
    return link;
  }
}
