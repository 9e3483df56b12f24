/** Stand-ins for the convolutions that ImageNet taught: of the same shapes, and drawn at random. */

/** Filters, channels and side of the kernels of AlexNet's single tower. */
const SHAPES = [
  [64, 3, 11],
  [192, 64, 5],
  [384, 192, 3],
  [256, 384, 3],
  [256, 256, 3],
];

/** @returns {Buffer} A safetensors file with `conv1.weight` to `conv5.bias`, the same every time. */
export function drawConvolutions() {
  let state = 1;
  // A linear congruential generator: numbers from −1 to 1.
  const random = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  };
  const header = {};
  const chunks = [];
  let offset = 0;
  const add = (name, shape, values) => {
    const chunk = Buffer.from(values.buffer);
    header[name] = { dtype: 'F32', shape, data_offsets: [offset, (offset += chunk.length)] };
    chunks.push(chunk);
  };
  for (const [i, [filters, channels, side]] of SHAPES.entries()) {
    // Uniform with the deviation of He's rule, so that activations neither fade nor grow.
    const bound = Math.sqrt(6 / (channels * side * side));
    const weight = Float32Array.from({ length: filters * channels * side * side }, () => bound * random());
    add(`conv${i + 1}.weight`, [filters, channels, side, side], weight);
    add(`conv${i + 1}.bias`, [filters], new Float32Array(filters));
  }
  const text = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([length, text, ...chunks]);
}
