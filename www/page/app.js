/** Puts the parts of the page together. */
import './locked-page.js';
import './first-picture.js';
import { Batch, isSameModel } from './batch.js';
import { ClassifierClient } from './classifier-client.js';
import { doorClosed, doorIsOpen } from './door.js';
import { ForgetQuestion } from './forget-question.js';
import { takeFiles } from './intake.js';
import { text } from './messages.js';
import { showModelCard } from './model-card.js';
import { askForModel, takeAskedModel } from './model-address.js';
import { ModelChoice } from './model-choice.js';
import { ModelSelect } from './model-select.js';
import { ModelStatus } from './model-status.js';
import { keepForOffline } from './offline.js';
import { part, showControl } from './page-part.js';
import { PrivacyPanel } from './privacy-panel.js';
import { ProblemList } from './problem-list.js';
import { ResultView } from './result-view.js';
import { resultsTable } from './results-table.js';
import { offerSamples } from './samples.js';
import { offerScrolling } from './scroll-stops.js';
import { SliceList } from './slice-list.js';
import { SliceViewer } from './slice-viewer.js';
import { offerThemes } from './theme.js';
import { throttled } from './throttle.js';
import { LABEL_WORDS, counted, doubt, modelTitle, percent } from './wording.js';

/**
 * @typedef {import('./batch.js').Entry} Entry
 * @typedef {import('./classifier-client.js').ModelState} ModelState
 * @typedef {import('./worker.js').ModelCard} ModelCard
 */

const element = (/** @type {string} */ name) => part(document, name, HTMLElement);
const button = (/** @type {string} */ name) => part(document, name, HTMLButtonElement);

const progress = part(document, 'progress', HTMLProgressElement);
const announcement = element('announcement');
const summaryLine = element('summary');
const stopButton = button('stop');
const clearButton = button('clear');
const copyButton = button('copy');
const againButton = button('again');
const modelSelect = part(document, 'model-select', HTMLSelectElement);

/** @type {ModelCard[]}  Of every model that was in use; the first is in use now. */
let cards = [];

new PrivacyPanel(element('privacy'));
offerThemes(part(document, 'theme', HTMLSelectElement));
offerScrolling(element('findings'), element('problems'));
const result = new ResultView(
  element('result'),
  (model) => cards.find((card) => isSameModel(card, model))?.decision,
);
const problems = new ProblemList(element('problem-panel'));
const status = new ModelStatus(element('status'), retry, () => choice.cancel());
const selector = new ModelSelect(element('model'), modelSelect, (name) => choice.choose(name));

const forgetting = new ForgetQuestion(part(document, 'forget-question', HTMLDialogElement));
const choice = new ModelChoice((model) => client.use(model), {
  changed: showModelState,
  needsLoading: loadAnewWith,
});
selector.offer(choice.models);

/** Least time between two looks at a batch, in milliseconds: what changes faster cannot be read. */
const REFRESH_EVERY_MS = 200;

/** How long the page leaves the processors to its first answer before it is kept for offline use. */
const KEEP_AFTER_MS = 1500;

/** @type {Set<Entry>}  Those that have changed since they were shown. */
const stale = new Set();
let count = { done: 0, total: 0 };
const refresh = throttled(showChanges, REFRESH_EVERY_MS);

/** @type {ModelState} */
let modelState;
const client = new ClassifierClient((state) => {
  modelState = state;
  if (state.phase === 'ready') useCard(state.card);
  showModelState();
});
Promise.all([doorClosed(), client.answering()]).then(() =>
  setTimeout(() => keepForOffline(offerVersion), KEEP_AFTER_MS),
);

const batch = new Batch(client, { added, changed, removed, progressed });
const viewer = new SliceViewer(element('viewer'), (entry, signal) => batch.pixels(entry, signal));
const list = new SliceList(element('slice-list'), select);

const asked = takeAskedModel();
if (asked && choice.models.some(({ name }) => name === asked)) choice.choose(asked);

takeFiles({
  fileInput: part(document, 'file-input', HTMLInputElement),
  folderInput: part(document, 'folder-input', HTMLInputElement),
  onFiles: (files) => batch.add(files),
});
offerSamples(element('samples'), (kind) => client.phantom(kind), (file) => batch.add([file]));
stopButton.addEventListener('click', () => batch.stop());
clearButton.addEventListener('click', () => batch.clear());
copyButton.addEventListener('click', copyResults);
againButton.addEventListener('click', () => batch.again(answeredByOthers()));

/** How far a change of models is, unless there is something to say of the module itself. */
function shownChange() {
  return ['loading', 'ready'].includes(modelState.phase) ? choice.state : undefined;
}

function showModelState() {
  status.show(shownChange() ?? modelState);
  selector.show(choice.shown);
  modelSelect.disabled = modelState.phase === 'unusable';
}

function retry() {
  if (shownChange()) choice.retry();
  else if (modelState.phase === 'unusable' && !doorIsOpen()) location.reload();
  else if (modelState.phase === 'unreachable' && modelState.anew) loadAnew();
  else client.load();
}

/** Loads the page anew for a module that broke off on its way, unless there is something to lose. */
async function loadAnew() {
  const count = batch.entries.length;
  if (count === 0 || (await forgetting.ask(text('status.anotherTry'), count))) location.reload();
}

/**
 * Loads the page anew with another model, unless there is something to lose.
 *
 * @param {string} name
 */
async function loadAnewWith(name) {
  const count = batch.entries.length;
  if (count > 0 && !(await forgetting.ask(modelTitle(name), count))) return;
  askForModel(name);
}

/**
 * Tells of a new version of the page, and leaves it to the visitor when to load it.
 *
 * @param {() => void} takeOver
 */
function offerVersion(takeOver) {
  element('update-words').textContent = 'A new version of this page is ready.';
  button('take-over').hidden = false;
  button('take-over').onclick = async () => {
    const count = batch.entries.length;
    if (count === 0 || (await forgetting.ask('its new version', count))) takeOver();
  };
}

/** @param {ModelCard} card */
function useCard(card) {
  const [before] = cards;
  cards = [card, ...cards.filter((other) => !isSameModel(other, card))];
  showModelCard(element('model-card'), card);
  list.model = card;
  offerAgain();
  if (before && !isSameModel(before, card)) {
    announcement.textContent = `${modelTitle(card.name)} is in use from now on.`;
  }
}

/** The entries whose answer is not of the model in use. */
function answeredByOthers() {
  return batch.entries.filter(
    ({ state, classification }) =>
      state === 'done' && classification && !isSameModel(classification.model, cards[0]),
  );
}

/** Shows the button that brings every answer to the model in use, while there is nothing else to do. */
function offerAgain() {
  const busy = count.done < count.total;
  const others = busy ? [] : answeredByOthers();
  showControl(againButton, others.length > 0, list);
  if (others.length > 0) {
    againButton.textContent =
      `Examine ${counted(others.length, 'slice')} again with ${modelTitle(cards[0].name)}`;
  }
}

/** @param {Entry | undefined} entry */
function select(entry) {
  viewer.show(entry);
  result.show(entry);
  problems.mark(entry);
}

/**
 * @param {Entry[]} entries
 * @param {Entry} [after]
 */
function added(entries, after) {
  list.add(entries, after);
  if (after) return;
  if (document.body.dataset.view === 'empty') window.scrollTo(0, 0);
  document.body.dataset.view = 'slices';
  list.select(entries[0]);
}

/** @param {Entry} entry */
function changed(entry) {
  stale.add(entry);
  refresh();
}

/** Brings what is shown up to what the batch says. */
function showChanges() {
  for (const entry of stale) {
    list.update(entry);
    if (entry.state === 'failed') problems.add(entry);
    if (entry === list.selected) select(entry);
  }
  stale.clear();
  showProgress();
}

/** @param {Entry[]} entries */
function removed(entries) {
  for (const entry of entries) stale.delete(entry);
  list.remove(entries);
  problems.remove(entries);
  if (batch.entries.length > 0) return;
  document.body.dataset.view = 'empty';
  part(document, 'file-input', HTMLInputElement).focus();
}

/**
 * @param {number} done
 * @param {number} total
 */
function progressed(done, total) {
  count = { done, total };
  // The end is never late.
  if (done < total) refresh();
  else showChanges();
}

function showProgress() {
  const { done, total } = count;
  const busy = done < total;
  progress.max = Math.max(1, total);
  progress.value = total === 0 ? 1 : done;
  progress.hidden = !busy || total === 1;
  showControl(stopButton, busy && total > 1, list);
  clearButton.disabled = batch.entries.length === 0;
  copyButton.disabled = busy || batch.entries.length === 0;
  offerAgain();
  summaryLine.textContent = busy ? `${done} of ${total} examined` : summary();
  if (!busy) announce(total);
}

/** @returns {string} */
function summary() {
  const haemorrhages = batch.entries.filter((entry) => entry.classification?.label === 'haemorrhage');
  const failed = batch.entries.filter((entry) => entry.state === 'failed');
  const words = [counted(batch.entries.length, 'file'), `${haemorrhages.length} with haemorrhage`];
  const unlike = batch.entries.filter((entry) => entry.classification?.inDistribution === false);
  if (unlike.length > 0) words.push(`${unlike.length} not like a head CT`);
  if (failed.length > 0) words.push(`${failed.length} not examined`);
  return words.join(', ');
}

/**
 * Tells those who listen to the page what came of the last files.
 *
 * @param {number} total
 */
function announce(total) {
  const entry = list.selected;
  let words = `Finished: ${summary()}.`;
  if (total === 1 && entry?.classification) {
    const { label, probability, reason } = entry.classification;
    const warning = reason ? `${reason} ` : '';
    const verdict = LABEL_WORDS[label] + doubt(entry.classification);
    words = `${entry.name}: ${warning}${verdict}, probability of haemorrhage ${percent(probability)}.`;
  } else if (total === 1 && entry?.error) {
    words = `${entry.name} could not be examined. ${entry.error.message}`;
  }
  announcement.textContent = batch.entries.length === 0 ? 'The list is empty.' : words;
}

async function copyResults() {
  try {
    await navigator.clipboard.writeText(resultsTable(batch.entries));
    announcement.textContent = 'The results were copied as a table.';
    copyButton.textContent = 'Copied';
  } catch {
    copyButton.textContent = 'Copying was refused';
  }
  setTimeout(() => (copyButton.textContent = 'Copy as CSV'), 2000);
}
