/** Model files that need no training: drawn ones, and the embedded one under another name. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { builtPage, withModels } from './altered-page.mjs';
import { REPOSITORY, bytes } from './site.mjs';

const EMBEDDED = join(REPOSITORY, 'models', 'alexnet-svm.safetensors');

/** The facts in the header of a model file, what it says of the tensors, and their bytes. */
function parts(file) {
  const length = Number(file.readBigUInt64LE(0));
  const { __metadata__, ...tensors } = JSON.parse(file.toString('utf8', 8, 8 + length));
  return { facts: JSON.parse(__metadata__.haemolens), tensors, data: file.subarray(8 + length) };
}

/** A file whose header, beside the tensors, holds the facts and the digest of the data. */
function whole(facts, tensors, data) {
  const sha256 = createHash('sha256').update(data).digest('hex');
  const __metadata__ = { haemolens: JSON.stringify({ ...facts, sha256 }) };
  const text = JSON.stringify({ __metadata__, ...tensors });
  const json = Buffer.from(text.padEnd(Math.ceil(text.length / 8) * 8));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  return Buffer.concat([length, json, data]);
}

/**
 * The embedded model under another name, whose margins of haemorrhage are `shift` higher, with another
 * calibration if that is given.
 */
export function shiftedModel(name, version, shift, calibration = {}) {
  const { facts, tensors, data } = parts(readFileSync(EMBEDDED));
  Object.assign(facts.card, { name, version });
  Object.assign(facts.calibration, calibration);
  const changed = Buffer.from(data);
  const [at] = tensors['haemorrhage.bias'].data_offsets;
  changed.writeFloatLE(changed.readFloatLE(at) + shift, at);
  return whole(facts, tensors, changed);
}

const CONV = { kernel: 3, stride: 1, padding: 1, groups: 1, lrn: null };
const POOL = { size: 2, stride: 2 };

/** A small network of another shape: 32×32 input, two convolutions, two hidden layers. */
export function smallModel(name, version) {
  const architecture = {
    input_side: 32,
    convs: [
      { ...CONV, name: 'conv1', filters: 4, pool: POOL },
      { ...CONV, name: 'conv2', filters: 6, pool: POOL },
    ],
    linears: [
      { name: 'fc1', units: 10 },
      { name: 'fc2', units: 8 },
    ],
  };
  return drawnModel(name, version, architecture, ({ layer, planes }) => {
    layer('conv1', [4, 1, 3, 3]);
    layer('conv2', [6, 4, 3, 3]);
    layer('fc1', [10, 6 * 8 * 8]);
    layer('fc2', [8, 10], true);
    planes(8);
  });
}

/** A small network whose hidden layer is applied at each of 16×16 places; the three highest count. */
export function smallModelWithPlaces(name, version) {
  const architecture = {
    input_side: 32,
    convs: [
      { ...CONV, name: 'conv1', filters: 4, pool: POOL },
      { ...CONV, name: 'conv2', filters: 6, pool: null },
    ],
    linears: [{ name: 'fc6', units: 10 }],
    readout: { mean_and_top: { top: 3 } },
  };
  return drawnModel(name, version, architecture, ({ layer, planes }) => {
    layer('conv1', [4, 1, 3, 3]);
    layer('conv2', [6, 4, 3, 3]);
    layer('fc6', [10, 6]);
    planes(2 * 10);
  });
}

/** A model of this architecture, whose parts `draw` asks for. */
function drawnModel(name, version, architecture, draw) {
  const { facts } = parts(readFileSync(EMBEDDED));
  Object.assign(facts.card, { name, version });
  facts.preprocessing.side = architecture.input_side;
  facts.architecture = architecture;
  delete facts.kinds;
  const tensors = {};
  const chunks = [];
  let offset = 0;
  const add = (tensor, dtype, shape, chunk) => {
    tensors[tensor] = { dtype, shape, data_offsets: [offset, offset + chunk.length] };
    chunks.push(chunk);
    offset += chunk.length;
  };
  const floats = (tensor, values) =>
    add(tensor, 'F32', [values.length], Buffer.from(Float32Array.from(values).buffer));
  let state = 12345;
  const drawn = () => (state = (state * 1103515245 + 12345) % 2 ** 31) / 2 ** 31 - 0.5;
  const constant = (count, value) => new Array(count).fill(value);
  const layer = (prefix, shape, last) => {
    const [outputs] = shape;
    const row = shape.slice(1).reduce((product, n) => product * n);
    add(`${prefix}.weight`, 'I8', shape, Buffer.from(Int8Array.from({ length: outputs * row }, () => drawn() * 254)));
    // About 73 × 100 × √row is an accumulator's size; the units are of the size of 1.
    floats(`${prefix}.weight_scale`, constant(outputs, 1 / (7300 * Math.sqrt(row))));
    floats(`${prefix}.bias`, constant(outputs, 0.1));
    if (!last) floats(`${prefix}.output_scale`, constant(outputs, 4 / 255));
  };
  const planes = (features) => {
    for (const plane of ['haemorrhage', 'normal']) {
      floats(`${plane}.weight`, Array.from({ length: features }, () => 4 * drawn()));
      floats(`${plane}.bias`, [0]);
    }
  };
  draw({ layer, planes });
  return whole(facts, tensors, Buffer.concat(chunks));
}

/**
 * Answers for `serveSite` that offer these models, by name, in the place of the site's own.
 *
 * @param {Record<string, Buffer>} models
 * @param {string} [page]  Where they are offered.
 */
export function offer(models, page = builtPage()) {
  const list = Object.entries(models).map(([name, file]) => ({
    name,
    file: `${name}.safetensors`,
    bytes: file.length,
    sha256: createHash('sha256').update(file).digest('hex'),
  }));
  const files = Object.entries(models).map(([name, file]) => [
    `/models/${name}.safetensors`,
    bytes(file, 'application/octet-stream'),
  ]);
  return { '/': bytes(withModels(page, list), 'text/html'), ...Object.fromEntries(files) };
}
