import { readFile } from 'node:fs/promises';

import { Classifier, classify } from 'haemolens';

const { label, probability } = await classify(await readFile('slice.dcm'));
const classifier = await Classifier.load(await readFile('model.safetensors'));
const sentence: string = `${label} ${probability.toFixed(2)} ${classifier.modelCard.licence}`;
console.log(sentence);
