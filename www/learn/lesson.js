/** Puts the parts of the lesson together. */
import '../page/locked-page.js';
import { doorClosed, doorIsOpen } from '../page/door.js';
import { takeFiles } from '../page/intake.js';
import { speakVisitorsLanguage } from '../page/language-choice.js';
import { text } from '../page/messages.js';
import { keepForOffline } from '../page/offline.js';
import { NamedError } from '../page/named-error.js';
import { part } from '../page/page-part.js';
import { problemWords } from '../page/problem-words.js';
import { megabytes } from '../page/wording.js';
import { EightBits } from './bits.js';
import { LessonClient } from './client.js';
import { Common } from './common.js';
import { Hospital } from './hospital.js';
import { Kinds } from './kinds.js';
import { Networks } from './networks.js';
import { showPaper } from './paper-tables.js';
import { Protocols } from './protocols.js';
import { Retrain } from './retrain/retrain.js';
import { WalkView } from './walk-view.js';

/** @typedef {import('./worker.js').PhantomKind} PhantomKind */

const element = (/** @type {string} */ name) => part(document, name, HTMLElement);
const button = (/** @type {string} */ name) => part(document, name, HTMLButtonElement);

/** How long the page leaves the processors to its first slice before it is kept for offline use. */
const KEEP_AFTER_MS = 1500;

speakVisitorsLanguage();
new Protocols(element('protocols'));
new Hospital(element('hospital'));
new Kinds(element('kinds'));
new Common(element('common'));
showPaper({ tables: element('tables'), curves: element('curves'), commands: element('commands') });
button('print').addEventListener('click', () => window.print());

/** @type {{ received: number, total: number }[]}  Of the module, and of the networks. */
const progress = [
  { received: 0, total: 0 },
  { received: 0, total: 0 },
];
const networks = new Networks((received, total) => report(1, received, total));
const client = new LessonClient(networks, (received, total) => report(0, received, total));
button('skip').addEventListener('click', () => networks.skip());

/** @type {File[]}  Those that the visitor leafs through. */
let files = [];
let fileId = 0;
/** @type {import('./worker.js').SliceAddress | undefined} */
let shown;
const sliceSlider = part(document, 'slice', HTMLInputElement);
const walk = new WalkView(element('walk'), client, (slices) => {
  // Of several files each is one slice to leaf to.
  sliceSlider.max = String(Math.max(slices, files.length) - 1);
  element('slice-label').hidden = sliceSlider.max === '0';
});

const bits = new EightBits(element('eight-bits'), client, () => {
  return shown && { slice: shown, title: element('shown').textContent ?? '' };
});

const retrain = new Retrain(element('retrain'), client, {
  onUse: () => walk.showOwn(),
  onShow: async ({ address: { file, index } }) => {
    element('walk').scrollIntoView();
    forgetSample();
    await open([/** @type {File} */ (file)], index);
  },
});

takeFiles({
  fileInput: part(document, 'file-input', HTMLInputElement),
  folderInput: part(document, 'folder-input', HTMLInputElement),
  onFiles: (chosen) => {
    forgetSample();
    open(chosen);
  },
});
sliceSlider.addEventListener('input', () => showSlice(Number(sliceSlider.value)));
for (const sample of document.querySelectorAll('button[data-sample]')) {
  sample.addEventListener('click', () => openSample(/** @type {HTMLButtonElement} */ (sample)));
}
doorClosed().then(() => {
  element('door').textContent = text('learn.door.closed');
  button('skip').hidden = true;
  setTimeout(() => keepForOffline(offerVersion), KEEP_AFTER_MS);
});
client.hasReference().then((there) => {
  for (const place of document.querySelectorAll('[data-needs="reference"]')) place.toggleAttribute('hidden', !there);
});
start();

/** Waits for the networks, and begins with a phantom. */
async function start() {
  const status = element('status');
  try {
    const names = await client.ready();
    walk.offer(names);
    bits.offer(names);
    retrain.enable();
    status.dataset.phase = 'ready';
    element('status-text').textContent = text('learn.ready');
    for (const sample of document.querySelectorAll('button[data-sample]')) sample.removeAttribute('disabled');
    // Unless the visitor was quicker.
    const [, sample] = document.querySelectorAll('button[data-sample]');
    if (files.length === 0) await openSample(/** @type {HTMLButtonElement} */ (sample));
  } catch (error) {
    console.warn(error);
    status.dataset.phase = 'unusable';
    element('status-text').textContent =
      error instanceof NamedError ? problemWords(error).words : text('learn.unreachable');
    button('skip').hidden = true;
    button('again').hidden = false;
    button('again').onclick = () => location.reload();
  }
}

/**
 * @param {number} which
 * @param {number} received
 * @param {number} total
 */
function report(which, received, total) {
  progress[which] = { received, total };
  const [have, want] = [progress[0].received + progress[1].received, progress[0].total + progress[1].total];
  element('status-text').textContent = text('learn.loading', { received: megabytes(have), total: megabytes(want) });
  button('skip').hidden = !doorIsOpen() || progress[1].total === 0;
}

/** @param {HTMLButtonElement} chosen */
async function openSample(chosen) {
  for (const sample of document.querySelectorAll('[data-sample]')) {
    sample.setAttribute('aria-pressed', String(sample === chosen));
  }
  const kind = /** @type {PhantomKind} */ (chosen.dataset.sample);
  await open([new File([await client.phantom(kind)], `phantom-${kind}.bmp`)]);
}

/** No sample is looked at any more. */
function forgetSample() {
  for (const sample of document.querySelectorAll('[data-sample]')) sample.setAttribute('aria-pressed', 'false');
}

/**
 * @param {File[]} chosen
 * @param {number} [place]  See `showSlice`.
 */
function open(chosen, place = 0) {
  files = chosen;
  fileId++;
  // It goes no further than it did until the new file's slices are counted.
  sliceSlider.max = String(Math.max(place, Number(sliceSlider.max)));
  sliceSlider.value = String(place);
  return showSlice(place);
}

/** @param {number} place  Among the files, or among the slices of the only one. */
function showSlice(place) {
  const several = files.length > 1;
  const file = files[several ? place : 0];
  element('shown').textContent = several ? `${file.name} (${place + 1} / ${files.length})` : file.name;
  const id = several ? fileId + place / files.length : fileId;
  shown = { fileId: id, file, index: several ? 0 : place };
  return walk.show(shown);
}

/**
 * Tells of a new version of the page, and leaves it to the visitor when to load it.
 *
 * @param {() => void} takeOver
 */
function offerVersion(takeOver) {
  element('update-words').textContent = text('learn.update');
  button('take-over').hidden = false;
  button('take-over').onclick = takeOver;
}
