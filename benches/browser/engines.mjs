/**
 * What is measured. Every engine runs the same drawn network (see ../network/draw.py) but
 * `haemolens-compact-…`, which is the model that the page ships; rten has no LRN and runs without.
 *
 * `files` are what a visitor would download, and `worker` the script that runs it.
 *
 * @typedef {object} Engine
 * @property {string} name
 * @property {string} build
 * @property {string} worker
 * @property {number} threads
 * @property {Record<string, string>} files  Addresses, by what the worker calls them.
 */

const ORT = '/node_modules/onnxruntime-web/dist';
const TFJS = '/node_modules/@tensorflow';

/** @param {string} name @param {string} model @returns {Engine} */
const onnxruntime = (name, model) => ({
  name,
  build: 'simd128',
  worker: 'onnxruntime.mjs',
  threads: 1,
  files: {
    script: `${ORT}/ort.wasm.min.mjs`,
    glue: `${ORT}/ort-wasm-simd-threaded.mjs`,
    wasm: `${ORT}/ort-wasm-simd-threaded.wasm`,
    model: `/models/${model}`,
  },
});

/** @param {string} name @param {string} crate @param {string} model @returns {Engine} */
const rust = (name, crate, model) => ({
  name,
  build: 'simd128',
  worker: 'rust.mjs',
  threads: 1,
  files: {
    script: `/rivals/${crate}.js`,
    wasm: `/rivals/${crate}_bg.wasm`,
    model: `/models/${model}`,
  },
});

/** @param {string} name @param {Record<string, string>} model @returns {Engine} */
const ours = (name, model) => ({
  name,
  build: 'simd128',
  worker: 'haemolens.mjs',
  threads: 1,
  files: { script: '/dist/haemolens.js', wasm: '/dist/haemolens_bg.wasm', ...model },
});

/** @type {Engine[]} */
export const ENGINES = [
  ours('haemolens-full-simd128', { model: '/models/haemolens-full.safetensors' }),
  ours('haemolens-compact-simd128', {}),
  onnxruntime('onnxruntime-web-int8', 'network-int8.onnx'),
  onnxruntime('onnxruntime-web-f32', 'network.onnx'),
  {
    name: 'tfjs-f32',
    build: 'simd128',
    worker: 'tfjs.js',
    threads: 1,
    files: {
      core: `${TFJS}/tfjs-core/dist/tf-core.min.js`,
      script: `${TFJS}/tfjs-backend-wasm/dist/tf-backend-wasm.min.js`,
      wasm: `${TFJS}/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm`,
      model: '/models/weights-hwio.bin',
    },
  },
  rust('candle-f32', 'candle_rival', 'weights.bin'),
  rust('tract-f32', 'tract_rival', 'network.onnx'),
  rust('rten-f32-without-lrn', 'rten_rival', 'network-no-lrn.onnx'),
];
