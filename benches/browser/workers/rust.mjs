/** An engine in Rust (../../rivals): `new Network(model)`, `run(input)`. */
import './answer.js';

let network;
let input;

answer({
  async load({ script, wasm, model }) {
    const { default: init, Network } = await import(script);
    await init({ module_or_path: wasm });
    input = new Float32Array(await bytes('/models/input.bin'));
    network = new Network(new Uint8Array(await bytes(model)));
  },
  infer: () => ({ margin: network.run(input) }),
});
