/**
 * Draws a small hospital: a folder of CT slices in DICOM and their labels, to rehearse a training on.
 *
 *   node examples/training/draw-patients.mjs FOLDER
 *
 * Twelve patients with three slices each; every second patient bleeds, on two of the slices. The same
 * every time. The heads are simple: whatever tells them apart is no measure of anything.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const PATIENTS = 12;
const SLICES = 3;
/** Pixels, and millimetres each. */
const SIDE = 256;
const SPACING = 0.9;
const INTERCEPT = -1024;

/** Hounsfield units. */
const [AIR, SKIN, BONE, BRAIN, FLUID, BLOOD] = [-1000, 35, 900, 33, 10, 66];

/** Numbers from 0 to 1 that look random (mulberry32). */
function numbers(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** What one patient's head looks like; lengths as shares of the picture's side. */
function drawPatient(random) {
  return {
    x: 0.5 + 0.04 * (random() - 0.5),
    y: 0.5 + 0.04 * (random() - 0.5),
    width: 0.29 + 0.04 * random(),
    height: 0.37 + 0.05 * random(),
    turn: 0.4 * (random() - 0.5),
    skull: 0.9 + 0.03 * random(),
    ventricles: 0.06 + 0.05 * random(),
  };
}

/** Hounsfield units of a slice, row-major. */
function drawSlice(head, bleeding, random) {
  const values = new Int16Array(SIDE * SIDE);
  const [cos, sin] = [Math.cos(head.turn), Math.sin(head.turn)];
  // Where the blood is and how large, in the head's own directions.
  const blood = { x: 0.5 * (random() - 0.5) + 0.25, y: 0.8 * (random() - 0.5), size: 0.16 + 0.16 * random() };
  for (let i = 0; i < values.length; i++) {
    const [dx, dy] = [(i % SIDE) / SIDE - head.x, Math.floor(i / SIDE) / SIDE - head.y];
    const [x, y] = [(dx * cos + dy * sin) / head.width, (dy * cos - dx * sin) / head.height];
    const radius = Math.hypot(x, y);
    let value = BRAIN + 3 * Math.sin(9 * x) * Math.cos(7 * y);
    if (Math.hypot((Math.abs(x) - 0.14) / head.ventricles, (y + 0.05) / 0.3) < 1) value = FLUID;
    if (bleeding && Math.hypot(x - blood.x, y - blood.y) < blood.size) value = BLOOD;
    if (radius > head.skull) value = BONE;
    if (radius > 1) value = SKIN;
    if (radius > 1.05) value = AIR;
    const noise = 3 * (random() + random() + random() - 1.5);
    values[i] = Math.max(Math.round(value + (value > AIR ? noise : 0)), INTERCEPT);
  }
  return values;
}

/** An element of a DICOM file, Explicit VR little endian. */
function element(tag, vr, value) {
  let bytes = value;
  if (vr === 'US') bytes = Buffer.from(Uint16Array.of(value).buffer);
  if (vr === 'UL') bytes = Buffer.from(Uint32Array.of(value).buffer);
  if (typeof value === 'string') {
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

/** A CT image file of a slice. */
function ctFile(values, patient, slice) {
  const study = `1.2.826.0.1.3680043.10.1.${patient}`;
  const pixels = Uint16Array.from(values, (value) => value - INTERCEPT);
  const meta = Buffer.concat([
    element(0x00020001, 'OB', Buffer.from([0, 1])),
    element(0x00020002, 'UI', '1.2.840.10008.5.1.4.1.1.2'),
    element(0x00020003, 'UI', `${study}.1.${slice}`),
    element(0x00020010, 'UI', '1.2.840.10008.1.2.1'),
  ]);
  return Buffer.concat([
    Buffer.alloc(128),
    Buffer.from('DICM'),
    element(0x00020000, 'UL', meta.length),
    meta,
    element(0x00080008, 'CS', 'ORIGINAL\\PRIMARY\\AXIAL'),
    element(0x00080016, 'UI', '1.2.840.10008.5.1.4.1.1.2'),
    element(0x00080060, 'CS', 'CT'),
    element(0x00180050, 'DS', '5'),
    element(0x0020000d, 'UI', study),
    element(0x0020000e, 'UI', `${study}.1`),
    element(0x00200013, 'IS', String(slice)),
    element(0x00200032, 'DS', `0\\0\\${5 * slice}`),
    element(0x00200037, 'DS', '1\\0\\0\\0\\1\\0'),
    element(0x00280002, 'US', 1),
    element(0x00280004, 'CS', 'MONOCHROME2'),
    element(0x00280010, 'US', SIDE),
    element(0x00280011, 'US', SIDE),
    element(0x00280030, 'DS', `${SPACING}\\${SPACING}`),
    element(0x00280100, 'US', 16),
    element(0x00280101, 'US', 12),
    element(0x00280102, 'US', 11),
    element(0x00280103, 'US', 0),
    element(0x00281052, 'DS', String(INTERCEPT)),
    element(0x00281053, 'DS', '1'),
    element(0x7fe00010, 'OW', Buffer.from(pixels.buffer)),
  ]);
}

const [folder] = process.argv.slice(2);
if (!folder) throw new Error('Name the folder to draw into.');
const images = join(folder, 'images');
mkdirSync(images, { recursive: true });
const table = ['file,patient,hemorrhage'];
for (let patient = 1; patient <= PATIENTS; patient++) {
  const random = numbers(patient);
  const head = drawPatient(random);
  for (let slice = 1; slice <= SLICES; slice++) {
    const bleeding = patient % 2 === 1 && slice >= 2;
    const name = `p${String(patient).padStart(2, '0')}-${slice}.dcm`;
    writeFileSync(join(images, name), ctFile(drawSlice(head, bleeding, random), patient, slice));
    table.push(`${name},p${String(patient).padStart(2, '0')},${Number(bleeding)}`);
  }
}
writeFileSync(join(folder, 'labels.csv'), `${table.join('\n')}\n`);
console.log(`${PATIENTS * SLICES} slices of ${PATIENTS} patients in ${folder}`);
