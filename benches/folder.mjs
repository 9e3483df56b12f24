/**
 * Times `haemolens classify` on folders of a thousand and of ten thousand drawn files, and prints a
 * table: `node benches/folder.mjs target/release/haemolens`. Wants GNU time and 2 GB in the folder for
 * temporary files.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32, deflateSync } from 'node:zlib';

const COUNTS = [1_000, 10_000];
/** One file in so many is bad. */
const BAD_ONE_IN = 100;
const KINDS = ['normal', 'intraparenchymal', 'subdural'];
const SIDE = 512;

/** The grey levels of a phantom's BMP file, which are stored from the bottom to the top. */
function greyLevels(path) {
  const bytes = readFileSync(path);
  const start = bytes.readUInt32LE(10);
  const rows = Array.from({ length: SIDE }, (_, y) =>
    bytes.subarray(start + (SIDE - 1 - y) * SIDE).subarray(0, SIDE),
  );
  return Buffer.concat(rows);
}

function chunk(kind, data) {
  const body = Buffer.concat([Buffer.from(kind), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}

/** A phantom of its own as PNG: shifted, and a little brighter or darker. */
function draw(grey, number) {
  const shift = (number % 61) - 30;
  const brighter = (Math.floor(number / 61) % 41) - 20;
  const rows = Buffer.alloc(SIDE * (SIDE + 1));
  for (let y = 0; y < SIDE; y += 1) {
    for (let x = 0; x < SIDE; x += 1) {
      const level = grey[y * SIDE + x - shift] ?? 0;
      rows[y * (SIDE + 1) + 1 + x] = level && Math.min(255, Math.max(1, level + brighter));
    }
  }
  const header = Buffer.from([0, 0, 2, 0, 0, 0, 2, 0, 8, 0, 0, 0, 0]);
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(rows, { level: 1 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** Damages one file in a hundred, in one of three ways. */
function damage(bytes, number) {
  if (number % BAD_ONE_IN !== BAD_ONE_IN - 1) return bytes;
  const ways = [Buffer.alloc(0), Buffer.from('not an image'), bytes.subarray(0, bytes.length / 2)];
  return ways[Math.floor(number / BAD_ONE_IN) % ways.length];
}

function drawFolder(command, scratch, count) {
  const folder = join(scratch, `${count}`);
  mkdirSync(folder);
  execFileSync(command, ['phantom', '--out', scratch]);
  const phantoms = KINDS.map((kind) => greyLevels(join(scratch, `${kind}.bmp`)));
  let total = 0;
  for (let number = 0; number < count; number += 1) {
    const bytes = damage(draw(phantoms[number % KINDS.length], number), number);
    writeFileSync(join(folder, `${String(number).padStart(5, '0')}.png`), bytes);
    total += bytes.length;
  }
  return { folder, megabytes: total / 2 ** 20 };
}

/** Runs the command under GNU time, and reads what it says of it. */
function measure(command, folder, output) {
  const args = ['-v', command, 'classify', '--json', '--output', output, folder];
  const start = process.hrtime.bigint();
  const { stderr } = spawnSync('/usr/bin/time', args, { encoding: 'utf8' });
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  const kilobytes = /Maximum resident set size \(kbytes\): (\d+)/.exec(stderr ?? '');
  if (!kilobytes) throw new Error(`/usr/bin/time -v did not run: ${stderr}`);
  return { seconds, megabytes: Number(kilobytes[1]) / 1024 };
}

const command = process.argv[2];
if (!command || !statSync(command).isFile()) {
  throw new Error('name the haemolens command: node benches/folder.mjs target/release/haemolens');
}
const scratch = mkdtempSync(join(tmpdir(), 'haemolens-folder-'));
try {
  console.log(`${cpus()[0].model}, ${availableParallelism()} processors\n`);
  console.log('| files | MB | errors | seconds | files/s | peak memory |');
  console.log('|---|---|---|---|---|---|');
  for (const count of COUNTS) {
    const { folder, megabytes } = drawFolder(command, scratch, count);
    const output = join(scratch, `${count}.jsonl`);
    const found = measure(command, folder, output);
    const lines = readFileSync(output, 'utf8').trimEnd().split('\n').map((line) => JSON.parse(line));
    if (lines.length !== count) throw new Error(`${lines.length} answers to ${count} files`);
    const errors = lines.filter((line) => line.error).length;
    const rate = count / found.seconds;
    console.log(
      `| ${count} | ${megabytes.toFixed(0)} | ${errors} | ${found.seconds.toFixed(1)} ` +
        `| ${rate.toFixed(0)} | ${found.megabytes.toFixed(0)} MB |`,
    );
    rmSync(folder, { recursive: true });
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
