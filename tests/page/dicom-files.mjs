/** DICOM files that tests make: CT of drawn heads, Explicit VR little endian. */

const EXPLICIT = '1.2.840.10008.1.2.1';
const CT_STORAGE = '1.2.840.10008.5.1.4.1.1.2';
const INTERCEPT = -1024;

/** An element: group and number, type, value. */
function element(tag, vr, value) {
  let bytes = value;
  if (vr === 'US') bytes = Buffer.from(Uint16Array.of(value).buffer);
  else if (typeof value === 'string') {
    bytes = Buffer.from(value.length % 2 === 1 ? value + (vr === 'UI' ? '\0' : ' ') : value, 'latin1');
  }
  const long = vr === 'OB' || vr === 'OW';
  const head = Buffer.alloc(long ? 12 : 8);
  head.writeUInt16LE(tag >>> 16, 0);
  head.writeUInt16LE(tag & 0xffff, 2);
  head.write(vr, 4, 'latin1');
  if (long) head.writeUInt32LE(bytes.length, 8);
  else head.writeUInt16LE(bytes.length, 6);
  return Buffer.concat([head, bytes]);
}

/**
 * Where a slice belongs: UIDs, Series Number, and in millimetres its height and thickness.
 *
 * @typedef {{ study: string, series: string, number: number, height: number, thickness: number }} SlicePlace
 */

/** @param {SlicePlace} place */
function placeElements({ study, series, number, height, thickness }) {
  return [
    element(0x00180050, 'DS', String(thickness)),
    element(0x0020000d, 'UI', study),
    element(0x0020000e, 'UI', series),
    element(0x00200011, 'IS', String(number)),
    element(0x00200032, 'DS', `0\\0\\${height}`),
    element(0x00200037, 'DS', '1\\0\\0\\0\\1\\0'),
  ];
}

/**
 * A CT image.
 *
 * @param {number} side
 * @param {((x: number, y: number) => number)[]} frames  Hounsfield units of each frame.
 * @param {{ modality?: string, syntax?: string, imageType?: string, place?: SlicePlace }} [header]
 * @returns {Buffer}
 */
export function ctFile(
  side,
  frames,
  { modality = 'CT', syntax = EXPLICIT, imageType = 'ORIGINAL\\PRIMARY\\AXIAL', place } = {},
) {
  const values = new Uint16Array(frames.length * side * side);
  frames.forEach((frame, f) => {
    for (let i = 0; i < side * side; i++) {
      values[f * side * side + i] = Math.round(frame(i % side, Math.floor(i / side))) - INTERCEPT;
    }
  });
  const meta = Buffer.concat([
    element(0x00020001, 'OB', Buffer.from([0, 1])),
    element(0x00020002, 'UI', CT_STORAGE),
    element(0x00020003, 'UI', '1.2.3.4'),
    element(0x00020010, 'UI', syntax),
    element(0x00020012, 'UI', '1.2.3'),
  ]);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(meta.length);
  return Buffer.concat([
    Buffer.alloc(128),
    Buffer.from('DICM'),
    element(0x00020000, 'UL', length),
    meta,
    element(0x00080008, 'CS', imageType),
    element(0x00080016, 'UI', CT_STORAGE),
    element(0x00080060, 'CS', modality),
    element(0x00100010, 'PN', 'Doe^Jane'),
    ...(place ? placeElements(place) : []),
    element(0x00280002, 'US', 1),
    element(0x00280004, 'CS', 'MONOCHROME2'),
    element(0x00280008, 'IS', String(frames.length)),
    element(0x00280010, 'US', side),
    element(0x00280011, 'US', side),
    element(0x00280100, 'US', 16),
    element(0x00280101, 'US', 12),
    element(0x00280102, 'US', 11),
    element(0x00280103, 'US', 0),
    element(0x00281052, 'DS', String(INTERCEPT)),
    element(0x00281053, 'DS', '1'),
    element(0x7fe00010, 'OW', Buffer.from(values.buffer)),
  ]);
}

/**
 * A head in Hounsfield units: scalp, skull, grey and white matter, ventricles, noise, and a bleeding of so
 * many pixels across.
 */
export function head(side, bleeding = 0) {
  const middle = side / 2;
  return (x, y) => {
    const radius = Math.hypot((x - middle) / (0.32 * side), (y - middle) / (0.4 * side));
    if (radius > 1.06) return -1000;
    if (radius > 1) return 20;
    if (radius > 0.9) return 900;
    const across = (Math.abs(x - middle) - 0.04 * side) / (0.025 * side);
    const isVentricle = Math.hypot(across, (y - 0.47 * side) / (0.1 * side)) < 1;
    const brain = isVentricle ? 8 : radius > 0.75 ? 40 : 34;
    const outside = Math.hypot(x - 0.62 * side, y - 0.45 * side) - bleeding / 2;
    const blood = bleeding > 0 ? Math.min(1, Math.max(0, 0.5 - outside / (0.02 * side))) : 0;
    return Math.round(brain + 34 * blood) + ((x * 7 + y * 13) % 9) - 4;
  };
}

/** A chest in Hounsfield units: two lungs, a vertebra, muscle and fat. */
export function chest(side) {
  return (x, y) => {
    const from = (across, down, width, height) =>
      Math.hypot((x / side - across) / width, (y / side - down) / height);
    if (from(0.5, 0.5, 0.47, 0.36) > 1) return -1000;
    if (from(0.5, 0.72, 0.06, 0.06) < 1) return 400;
    if (Math.min(from(0.29, 0.48, 0.14, 0.22), from(0.71, 0.48, 0.14, 0.22)) < 1) return -850;
    return (from(0.5, 0.5, 0.43, 0.32) > 1 ? -100 : 45) + ((x * 7 + y * 13) % 17) - 8;
  };
}
