/** TensorFlow.js on its WebAssembly backend, one thread. A classic worker: so are its scripts. */
importScripts('/browser/workers/answer.js');

/** Name, kernel, channels of a group, filters, stride, padding, groups, LRN, pooling. */
const CONVS = [
  ['conv1', 11, 3, 96, 4, 'valid', 1, true, true],
  ['conv2', 5, 48, 256, 1, 'same', 2, true, true],
  ['conv3', 3, 256, 384, 1, 'same', 1, false, false],
  ['conv4', 3, 192, 384, 1, 'same', 2, false, false],
  ['conv5', 3, 192, 256, 1, 'same', 2, false, true],
];

let input;
/** Filters and biases of each convolution, group by group. */
let convs;
let fc6;
let svm;

/** Cuts the weights' file into tensors. */
function weights(values) {
  let at = 0;
  const take = (...shape) => {
    const size = shape.reduce((a, b) => a * b);
    at += size;
    return tf.tensor(values.subarray(at - size, at), shape);
  };
  convs = CONVS.map(([, kernel, depth, filters, , , groups]) => {
    const filter = tf.split(take(kernel, kernel, depth, filters), groups, 3);
    const bias = tf.split(take(filters), groups, 0);
    return filter.map((f, group) => ({ filter: f, bias: bias[group] }));
  });
  fc6 = { weight: take(9216, 4096), bias: take(4096) };
  svm = { weight: take(4096, 1), bias: take(1) };
}

function network() {
  let x = input;
  CONVS.forEach(([, , , , strides, pad, groups, lrn, pool], i) => {
    const parts = tf.split(x, groups, 3).map((part, group) =>
      tf.fused.conv2d({ x: part, ...convs[i][group], strides, pad, activation: 'relu' }),
    );
    x = parts.length > 1 ? tf.concat(parts, 3) : parts[0];
    if (lrn) x = tf.localResponseNormalization(x, 2, 1, 1e-4 / 5, 0.75);
    if (pool) x = tf.maxPool(x, 3, 2, 'valid');
  });
  const flat = tf.reshape(x, [1, 9216]);
  const units = tf.fused.matMul({ a: flat, b: fc6.weight, bias: fc6.bias, activation: 'relu' });
  return tf.fused.matMul({ a: units, b: svm.weight, bias: svm.bias });
}

answer({
  async load({ core, script, wasm, model }) {
    importScripts(core, script);
    // It chooses among its builds itself; without isolation from other sites, this one.
    tf.wasm.setWasmPaths(wasm.slice(0, wasm.lastIndexOf('/') + 1));
    await tf.setBackend('wasm');
    await tf.ready();
    const image = new Float32Array(await bytes('/models/input-hwc.bin'));
    input = tf.tensor4d(image, [1, 227, 227, 3]);
    weights(new Float32Array(await bytes(model)));
  },
  async infer() {
    const output = tf.tidy(network);
    const [margin] = await output.data();
    output.dispose();
    return { margin };
  },
});
