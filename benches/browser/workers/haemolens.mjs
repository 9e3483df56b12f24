/** This project: the module that the page loads; times the network apart from decoding. */
import './answer.js';

let classifier;
let image;

answer({
  async load({ script, wasm, model }) {
    const { default: init, Classifier } = await import(script);
    await init({ module_or_path: wasm });
    image = new Uint8Array(await bytes('/models/image.bmp'));
    classifier = model
      ? Classifier.fromModel(new Uint8Array(await bytes(model)))
      : new Classifier();
  },
  infer() {
    const { margin, elapsedMs } = classifier.classify(image);
    return { margin, milliseconds: elapsedMs.inference };
  },
});
