/**
 * The lesson's worker: it has the networks open, and takes slices through them step by step. It carries
 * out its orders one after another; the first one brings the module's code.
 */
import '../page/locked-worker.js';
import init, { Classifier, Examples, embeddedModel, kernels, phantom } from '../haemolens.js';
import { statedProblem } from '../page/named-error.js';
import { OpenFiles } from '../page/open-files.js';
import { carryOutReference } from './reference-worker.js';

/**
 * @typedef {import('../haemolens.js').Hounsfield} Hounsfield
 * @typedef {import('../haemolens.js').Kernels} Kernels
 * @typedef {import('../haemolens.js').ModelCard} ModelCard
 * @typedef {import('../haemolens.js').PhantomKind} PhantomKind
 * @typedef {import('../haemolens.js').Walk} Walk
 */

/**
 * A slice: a file, and which of its slices or, in an archive, of its members.
 *
 * @typedef {{ fileId: number, file: Blob, index: number }} SliceAddress
 */

/**
 * What a network makes of a slice; of one in an archive, with its path in there.
 *
 * @typedef {import('../haemolens.js').Description & { member?: string }} Description
 */

/**
 * Labelled slices to learn a plane from: their units one after the other, their labels, and the numbers of
 * their groups.
 *
 * @typedef {{ units: Float32Array, labels: boolean[], groups: number[] }} LabelledUnits
 *
 * What planes say of them: the margin of each slice, by planes that were solved without its group (NaN where
 * there is none) and by the one that was solved on all, empty while a class is missing.
 * @typedef {{ heldOut: Float64Array, fitted: Float64Array }} Margins
 */

/**
 * What the page asks for. `open` brings the file of a network, or else the module's own is opened under
 * that name, and is answered with its card; it may bring the file of a plane to answer by. `unit` is about
 * the slice that was last walked through that network. `learn` is answered with the `Margins` of the
 * first slices alone, for each of the sizes, and `plane` with the file of the plane that all of them give. `embedded` is answered with the file of the module's own network.
 *
 * @typedef {{ order: 'start', code: WebAssembly.Module }
 *   | { order: 'open', network: string, model?: Uint8Array, plane?: Uint8Array }
 *   | { order: 'walk', network: string, slice: SliceAddress }
 *   | { order: 'unit', network: string, layer: number, unit: number }
 *   | { order: 'kernels', network: string }
 *   | { order: 'measure', slice: SliceAddress }
 *   | { order: 'phantom', kind: PhantomKind }
 *   | { order: 'describe', network: string, slice: SliceAddress }
 *   | { order: 'learn', examples: LabelledUnits, folds: number, sizes: number[] }
 *   | { order: 'plane', network: string, examples: LabelledUnits, folds: number }
 *   | { order: 'embedded' }
 *   | import('./reference-worker.js').ReferenceOrder} LessonOrder
 */

/** @type {Map<string, { classifier: Classifier, model?: Uint8Array }>} */
const networks = new Map();

const files = new OpenFiles();

/** @type {WebAssembly.Memory | undefined}  None in a worker that runs the f32 networks. */
let memory;

/** @param {string} name */
function network(name) {
  const found = networks.get(name);
  if (!found) throw new Error(`the network ${name} is not open`);
  return found;
}

/** @param {SliceAddress} slice */
function fileOf({ fileId, file, index }) {
  const opened = files.open({ fileId, file });
  if (!opened.isArchive) return { file: opened, frame: index, slices: opened.slices };
  const members = opened.members();
  // Of a member with several slices the first: the lesson is about one.
  const member = files.open({ fileId, file, member: members[index].index });
  return { file: member, frame: 0, slices: members.length, member: members[index].name };
}

/**
 * @param {Walk} walk
 * @returns {ArrayBuffer[]}  What it need not be copied with.
 */
function buffersOf(walk) {
  const maps = walk.convs.flatMap(({ rectified, convolved, pooled }) => [rectified, convolved, pooled]);
  const arrays = [
    ...maps.map((map) => map?.values),
    ...walk.linears.flatMap(({ units, map }) => (map ? [units, map.values] : [units])),
    walk.plane.weights,
    walk.explanation.contributions,
    walk.slice.grey,
    walk.input.grey,
  ];
  return arrays.flatMap((array) => (array ? [/** @type {ArrayBuffer} */ (array.buffer)] : []));
}

/**
 * Does something with the first of labelled slices.
 *
 * @template T
 * @param {LabelledUnits} labelled
 * @param {number} count
 * @param {(examples: Examples) => T} use
 * @returns {T}
 */
function withFirst({ units, labels, groups }, count, use) {
  const width = units.length / labels.length;
  const examples = new Examples();
  try {
    for (let i = 0; i < count; i++) examples.add(units.subarray(i * width, (i + 1) * width), labels[i], groups[i]);
    return use(examples);
  } finally {
    examples.free();
  }
}

/**
 * @param {LessonOrder} order
 * @returns {Promise<[value: unknown, transfer?: Transferable[]]>}
 */
async function carryOut(order) {
  switch (order.order) {
    case 'start':
      ({ memory } = await init({ module_or_path: order.code }));
      return [undefined];
    case 'open': {
      const classifier = order.model ? Classifier.fromModel(order.model) : new Classifier();
      if (order.plane) classifier.usePlane(order.plane);
      networks.get(order.network)?.classifier.free();
      networks.set(order.network, { classifier, model: order.model });
      return [classifier.modelCard()];
    }
    case 'walk': {
      const { file, frame, slices } = fileOf(order.slice);
      const walk = network(order.network).classifier.walk(file, frame);
      return [{ ...walk, slices }, buffersOf(walk)];
    }
    case 'unit': {
      const { classifier } = network(order.network);
      return [classifier.unitContributions(order.layer, order.unit)];
    }
    case 'kernels': {
      const all = kernels(network(order.network).model);
      return [all, all.map(({ values }) => values.buffer)];
    }
    case 'measure': {
      const { file, frame } = fileOf(order.slice);
      return [file.hounsfield(frame)];
    }
    case 'phantom':
      return [phantom(order.kind)];
    case 'describe': {
      const { file, frame, slices, member } = fileOf(order.slice);
      const description = network(order.network).classifier.describe(file, frame);
      return [{ ...description, slices, member }, [/** @type {ArrayBuffer} */ (description.units.buffer)]];
    }
    case 'learn':
      return [
        order.sizes.map((size) =>
          withFirst(order.examples, size, (examples) => ({
            heldOut: examples.heldOut(order.folds),
            fitted: examples.fitted(),
          })),
        ),
      ];
    case 'plane': {
      const { classifier } = network(order.network);
      const { examples, folds } = order;
      return [withFirst(examples, examples.labels.length, (all) => classifier.learnPlane(all, folds))];
    }
    case 'embedded':
      return [embeddedModel()];
    case 'reference':
      return carryOutReference(order);
  }
}

self.addEventListener('message', async (/** @type {MessageEvent<LessonOrder>} */ { data }) => {
  try {
    const [value, transfer] = await carryOut(data);
    self.postMessage({ reply: 'done', value, memory: memory?.buffer.byteLength ?? 0 }, { transfer });
  } catch (error) {
    const problem = statedProblem(error);
    const size = memory?.buffer.byteLength ?? 0;
    if (problem) self.postMessage({ reply: 'failed', problem, memory: size });
    else {
      self.postMessage({ reply: 'broken', reason: String(error) });
      // Orders may have come already that it must not carry out.
      self.close();
    }
  }
});
