#!/usr/bin/env bash
# Examines every slice in a folder and lists those that look like a haemorrhage, likeliest first:
#
#   examples/batch.sh FOLDER ANSWERS.jsonl
#
# ANSWERS.jsonl gets one JSON object a slice; with --csv in the place of --json it would be a table.
# Started again with the same file, the script goes on where it was stopped. Files that cannot be read
# have a line with the error; the exit code is then 1, and the list is complete all the same.
# Needs node and the haemolens command: cargo install --path . --features cli
set -euo pipefail

folder=$1 answers=$2
code=0
haemolens classify --json --output "$answers" --skip-existing "$folder" || code=$?
[ -s "$answers" ] || exit "$code"

node - "$answers" <<'SCRIPT'
const lines = require('node:fs').readFileSync(process.argv[2], 'utf8').trimEnd().split('\n');
const slices = lines.map((line) => JSON.parse(line));
const failed = slices.filter(({ error }) => error);
const found = slices.filter(({ label }) => label === 'haemorrhage');
for (const { file, probability } of found.sort((a, b) => b.probability - a.probability)) {
  console.log(`${probability.toFixed(3)}  ${file}`);
}
console.log(`${slices.length} lines, ${found.length} look like a haemorrhage, ${failed.length} could not be read`);
SCRIPT
exit "$code"
