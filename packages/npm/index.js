/**
 * haemolens for those who import it: the module of `haemolens.js` behind functions that start it when
 * they are first called and take files as browsers and Node hold them. `index.d.ts` documents it.
 */
import start, * as engine from './haemolens.js';
import { bytesOf } from './bytes.js';
import { ownModule } from './module-source.js';
import { NamedError } from './named-error.js';
import { requireSupport } from './support.js';

export { isSupported } from './support.js';

/**
 * @typedef {import('./index.d.ts').FileContent} FileContent
 * @typedef {import('./index.d.ts').HaemorrhageKind} HaemorrhageKind
 */

/**
 * The start that is under way or done.
 *
 * @type {Promise<void> | undefined}
 */
let started;

/** @type {typeof import('./index.d.ts').init} */
export function init(source) {
  started ??= begin(source).catch((error) => {
    started = undefined;
    throw error;
  });
  return started;
}

/** @param {import('./index.d.ts').ModuleSource} [source] */
async function begin(source) {
  requireSupport();
  try {
    await start({ module_or_path: source ?? ownModule() });
  } catch (cause) {
    throw new NamedError(
      'ModuleNotLoaded',
      'haemolens could not load its WebAssembly file. Serve haemolens_bg.wasm beside the script, or give ' +
        'init() its address or its bytes; a Content Security Policy must allow it (connect-src, and ' +
        `'wasm-unsafe-eval' in script-src). ${cause instanceof Error ? cause.message : cause}`,
      { cause },
    );
  }
}

/**
 * The bytes, once the module has started.
 *
 * @param {FileContent} content
 */
async function ready(content) {
  const [bytes] = await Promise.all([bytesOf(content), init()]);
  return bytes;
}

/** @type {typeof import('./index.d.ts').classify} */
export async function classify(image) {
  return engine.classify(await ready(image));
}

/** @type {typeof import('./index.d.ts').phantom} */
export async function phantom(kind) {
  await init();
  return engine.phantom(kind);
}

/** A model behind the same kind of functions. */
export class Classifier {
  /** @type {engine.Classifier} */
  #model;

  /** @param {engine.Classifier} model */
  constructor(model) {
    if (!(model instanceof engine.Classifier)) {
      throw new TypeError('A classifier is made by `await Classifier.load()`.');
    }
    this.#model = model;
  }

  /** @param {FileContent} [model] */
  static async load(model) {
    if (model === undefined) {
      await init();
      return new Classifier(new engine.Classifier());
    }
    return new Classifier(engine.Classifier.fromModel(await ready(model)));
  }

  get modelCard() {
    return this.#model.modelCard();
  }

  /** @param {FileContent} image */
  async classify(image) {
    return this.#model.classify(await bytesOf(image));
  }

  /** @param {FileContent} file */
  async classifyAll(file) {
    return this.#model.classifyAll(await bytesOf(file));
  }

  /** @param {Iterable<File | import('./index.d.ts').StudyFile>} files */
  async classifyStudy(files) {
    const named = Array.from(files, async (file) => {
      if ('content' in file) return { name: file.name, bytes: await bytesOf(file.content) };
      return { name: file.webkitRelativePath || file.name, bytes: await bytesOf(file) };
    });
    return this.#model.classifyStudy(await Promise.all(named));
  }

  /**
   * @param {FileContent} file
   * @param {number} [slice]
   */
  examine(file, slice) {
    return this.#opened(file, (open) => this.#model.examine(open, slice));
  }

  /**
   * @param {FileContent} file
   * @param {number} [slice]
   * @param {HaemorrhageKind} [kind]
   */
  explain(file, slice, kind) {
    return this.#opened(file, (open) => this.#model.explain(open, slice, kind));
  }

  /** @param {import('./haemolens.js').OperatingPoint} point */
  setOperatingPoint(point) {
    this.#model.setOperatingPoint(point);
  }

  /** @param {number} [prevalence] */
  setPrevalence(prevalence) {
    this.#model.setPrevalence(prevalence);
  }

  free() {
    this.#model.free();
  }

  /**
   * @template T
   * @param {FileContent} file
   * @param {(open: engine.OpenFile) => T} look
   * @returns {Promise<T>}
   */
  async #opened(file, look) {
    const open = new engine.OpenFile(await bytesOf(file));
    try {
      return look(open);
    } finally {
      open.free();
    }
  }
}
