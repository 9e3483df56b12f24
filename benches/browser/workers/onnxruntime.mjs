/** ONNX Runtime Web on its WebAssembly backend, one thread. */
import './answer.js';

let session;
let input;

answer({
  async load({ script, glue, wasm, model }) {
    const ort = await import(script);
    Object.assign(ort.env.wasm, { numThreads: 1, wasmPaths: { mjs: glue, wasm } });
    const image = new Float32Array(await bytes('/models/input.bin'));
    input = new ort.Tensor('float32', image, [1, 3, 227, 227]);
    session = await ort.InferenceSession.create(new Uint8Array(await bytes(model)), {
      executionProviders: ['wasm'],
      graphOptimizationLevel: 'all',
    });
  },
  async infer() {
    const { margin } = await session.run({ input });
    return { margin: margin.data[0] };
  },
});
