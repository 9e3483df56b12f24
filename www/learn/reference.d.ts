/**
 * The f32 networks' module (src/wasm_reference.rs), which the build puts beside the lesson. Where the
 * site was built without it, there is nothing behind this name, and the page does not ask.
 */
declare module 'haemolens-reference' {
  /** What an f32 network made of an input. */
  export interface ReferenceRun {
    /**
     * What each layer hands to the next, after ReLU: the last map of each convolution (channel, row,
     * column), then the units of each fully connected layer; of a layer that is applied at every place its
     * units there (unit, row, column), then their means.
     */
    layers: Float32Array<ArrayBuffer>[];
    /** The margin of haemorrhage. */
    margin: number;
    /** How long the network took, in milliseconds. */
    ms: number;
    /** How many weights it has, of four bytes each. */
    weights: number;
  }
  /** Throws as `Classifier.fromModel` where there is no network in these bytes. */
  export function run(modelBytes: Uint8Array, grey: Uint8Array): ReferenceRun;
  export default function init(options: { module_or_path: WebAssembly.Module }): Promise<unknown>;
}
