/** Puts the parts of the page together. */
import './locked-page.js';
import './first-picture.js';
import { Batch, isSameModel } from './batch.js';
import { AnswerTerms, decisionOn } from './answer-terms.js';
import { ClassifierClient } from './classifier-client.js';
import { doorClosed, doorIsOpen } from './door.js';
import { ForgetQuestion } from './forget-question.js';
import { takeFiles } from './intake.js';
import { offerLanguages, speakVisitorsLanguage } from './language-choice.js';
import { onLanguageChange, text } from './messages.js';
import { showModelCard } from './model-card.js';
import { askForModel, takeAskedModel } from './model-address.js';
import { ModelChoice } from './model-choice.js';
import { showModelReport } from './model-report.js';
import { ModelSelect } from './model-select.js';
import { ModelStatus } from './model-status.js';
import { keepForOffline } from './offline.js';
import { part, showControl } from './page-part.js';
import { PrivacyPanel } from './privacy-panel.js';
import { ProblemList } from './problem-list.js';
import { problemWords } from './problem-words.js';
import { withReason } from './reason-words.js';
import { ResultView } from './result-view.js';
import { offerSamples } from './samples.js';
import { offerScrolling } from './scroll-stops.js';
import { SliceList } from './slice-list.js';
import { TermsPanel } from './terms-panel.js';
import { offerThemes } from './theme.js';
import { throttled } from './throttle.js';
import { Triage } from './triage/triage.js';
import { hearKeys } from './viewer/keys.js';
import { SliceViewer } from './viewer/slice-viewer.js';
import { StripChart } from './viewer/strip-chart.js';
import { Where } from './viewer/where.js';
import { entryTitle, listed, modelTitle, percent, verdictWords } from './wording.js';

/**
 * @typedef {import('./batch.js').Entry} Entry
 * @typedef {import('./classifier-client.js').ModelState} ModelState
 * @typedef {import('./worker.js').Classification} Classification
 * @typedef {import('./worker.js').ModelCard} ModelCard
 */

const element = (/** @type {string} */ name) => part(document, name, HTMLElement);
const button = (/** @type {string} */ name) => part(document, name, HTMLButtonElement);

const progress = part(document, 'progress', HTMLProgressElement);
const announcement = element('announcement');
const summaryLine = element('summary');
const stopButton = button('stop');
const clearButton = button('clear');
const againButton = button('again');
const modelSelect = part(document, 'model-select', HTMLSelectElement);

speakVisitorsLanguage();
offerLanguages(element('language'), part(document, 'language-select', HTMLSelectElement));

/** @type {ModelCard[]}  Of every model that was in use; the first is in use now. */
let cards = [];

new PrivacyPanel(element('privacy'));
offerThemes(part(document, 'theme', HTMLSelectElement));
offerScrolling(element('findings'), element('problems'), element('studies'));
const cardOf = (/** @type {Classification['model']} */ model) => cards.find((card) => isSameModel(card, model));
const terms = new AnswerTerms(cardOf);
const decisionOf = (/** @type {Classification['model']} */ model) => {
  const card = cardOf(model);
  return card && decisionOn(card, terms.now);
};
const termsPanel = new TermsPanel(element('terms'), changeTerms);
const result = new ResultView(element('result'), decisionOf);
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

const batch = new Batch(client, { added, changed, removed, progressed }, (answer) => terms.restate(answer));
const list = new SliceList(element('slice-list'), select, showStrip);
const viewer = new SliceViewer(element('viewer'), {
  pixels: (entry, signal) => batch.pixels(entry, signal),
  measured: ({ address, frame }, signal) => client.measure(address, frame, signal),
  step,
  toggleMap: () => where.toggle(),
});
const where = new Where(element('where'), {
  explain: ({ address, frame }, kind, signal) => client.explain(address, frame, kind, signal),
  model: () => cards[0],
  again: (entry) => batch.again([entry]),
  draw: (overlay) => (viewer.overlay = overlay),
});
const strip = new StripChart(element('strip'), (entry) => list.goTo(entry));
for (const name of ['result', 'slice-list']) {
  hearKeys(element(name), (action) => viewer.carryOut(action), { arrows: false });
}
const triage = new Triage(document, {
  batch,
  list,
  client,
  model: () => cards[0],
  terms: () => terms.now,
  announce: (words) => (announcement.textContent = words),
});

const asked = takeAskedModel();
if (asked && choice.models.some(({ name }) => name === asked)) choice.choose(asked);

takeFiles({
  fileInput: part(document, 'file-input', HTMLInputElement),
  folderInput: part(document, 'folder-input', HTMLInputElement),
  onFiles: (files) => {
    const slices = triage.takeTables(files);
    if (slices.length > 0) batch.add(slices);
  },
});
offerSamples(element('samples'), (kind) => client.phantom(kind), (file) => batch.add([file]));
stopButton.addEventListener('click', () => batch.stop());
clearButton.addEventListener('click', () => batch.clear());
againButton.addEventListener('click', () => batch.again(answeredByOthers()));
onLanguageChange(sayAnew);

/** Says in another language what is shown. */
function sayAnew() {
  list.sayAnew();
  problems.sayAnew();
  viewer.sayAnew();
  termsPanel.sayAnew();
  triage.answersChanged();
  select(list.selected);
  showModelState();
  if (cards.length > 0) showCard(cards[0]);
  if (!button('take-over').hidden) sayThatVersionIsReady();
  // What was read aloud was read aloud.
  announcement.textContent = '';
  showStrip();
  showCount();
}

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
  if (count === 0 || (await forgetting.ask(count, text('status.anotherTry')))) location.reload();
}

/**
 * Loads the page anew with another model, unless there is something to lose.
 *
 * @param {string} name
 */
async function loadAnewWith(name) {
  const count = batch.entries.length;
  if (count > 0 && !(await forgetting.ask(count, modelTitle(name)))) return;
  askForModel(name);
}

/**
 * Tells of a new version of the page, and leaves it to the visitor when to load it.
 *
 * @param {() => void} takeOver
 */
function offerVersion(takeOver) {
  button('take-over').hidden = false;
  sayThatVersionIsReady();
  button('take-over').onclick = async () => {
    const count = batch.entries.length;
    if (count === 0 || (await forgetting.ask(count))) takeOver();
  };
}

function sayThatVersionIsReady() {
  element('update-words').textContent = text('update.ready');
}

/** @param {ModelCard} card */
function showCard(card) {
  showModelCard(element('model-card'), card);
  showModelReport(element('model-report'), card);
}

/** @param {ModelCard} card */
function useCard(card) {
  const [before] = cards;
  cards = [card, ...cards.filter((other) => !isSameModel(other, card))];
  showCard(card);
  termsPanel.use(card);
  list.model = card;
  where.update();
  triage.answersChanged();
  triage.show(count.done < count.total);
  offerAgain();
  if (before && !isSameModel(before, card)) {
    announcement.textContent = text('model.inUse', { model: modelTitle(card.name) });
  }
}

/**
 * States every answer anew.
 *
 * @param {import('./answer-terms.js').Terms} chosen
 */
function changeTerms(chosen) {
  terms.now = chosen;
  batch.restate();
  showChanges();
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
    const model = modelTitle(cards[0].name);
    againButton.textContent = text('slices.again', { count: others.length, model });
  }
}

/** @param {Entry | undefined} entry */
function select(entry) {
  viewer.show(entry);
  result.show(entry);
  where.show(entry);
  strip.mark(entry);
  problems.mark(entry);
}

/**
 * Goes so many slices further, or to the last one there.
 *
 * @param {number} slices
 * @returns {boolean}  Whether there is more than one.
 */
function step(slices) {
  const entries = list.shown;
  if (entries.length < 2) return false;
  const at = list.selected ? entries.indexOf(list.selected) : -1;
  const next = entries[Math.min(entries.length - 1, Math.max(0, at + slices))];
  if (next !== list.selected) list.goTo(next);
  return true;
}

/** Draws the probabilities of the slices that the list shows, in its order. */
function showStrip() {
  const model = list.selected?.classification?.model ?? cards[0];
  strip.show(list.shown, list.selected, model && decisionOf(model));
}

/**
 * @param {Entry[]} entries
 * @param {Entry} [after]
 */
function added(entries, after) {
  list.add(entries, after);
  triage.membersChanged();
  if (after) return;
  if (document.body.dataset.view === 'empty') window.scrollTo(0, 0);
  document.body.dataset.view = 'slices';
  list.select(entries[0]);
}

/** @param {Entry} entry */
function changed(entry) {
  stale.add(entry);
  triage.answersChanged();
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
  showStrip();
  showProgress();
}

/** @param {Entry[]} entries */
function removed(entries) {
  for (const entry of entries) stale.delete(entry);
  list.remove(entries);
  problems.remove(entries);
  showStrip();
  triage.membersChanged();
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
  showCount();
  if (count.done >= count.total) announce(count.total);
}

/** Shows how far the batch is, and what came of it. */
function showCount() {
  const { done, total } = count;
  const busy = done < total;
  progress.max = Math.max(1, total);
  progress.value = total === 0 ? 1 : done;
  progress.hidden = !busy || total === 1;
  showControl(stopButton, busy && total > 1, list);
  clearButton.disabled = batch.entries.length === 0;
  triage.show(busy);
  offerAgain();
  const words = triage.progressWords(done, total);
  summaryLine.textContent = busy ? words : summary();
}

/** @returns {string} */
function summary() {
  const haemorrhages = batch.entries.filter((entry) => entry.classification?.label === 'haemorrhage');
  const failed = batch.entries.filter((entry) => entry.state === 'failed');
  const words = [
    text('slices.files', { count: batch.entries.length }),
    text('slices.haemorrhages', { count: haemorrhages.length }),
  ];
  const unlike = batch.entries.filter((entry) => entry.classification?.inDistribution === false);
  if (unlike.length > 0) words.push(text('slices.unlike', { count: unlike.length }));
  if (failed.length > 0) words.push(text('slices.failed', { count: failed.length }));
  return listed(words);
}

/**
 * Tells those who listen to the page what came of the last files.
 *
 * @param {number} total
 */
function announce(total) {
  const entry = list.selected;
  if (batch.entries.length === 0) announcement.textContent = text('announce.empty');
  else if (total === 1 && entry?.classification) {
    announcement.replaceChildren(...answerAloud(entry, entry.classification));
  } else if (total === 1 && entry?.error) {
    const { words: problem } = problemWords(entry.error);
    announcement.textContent = text('announce.failed', { name: entryTitle(entry), problem });
  } else announcement.textContent = text('announce.finished', { summary: summary() });
}

/**
 * @param {Entry} entry
 * @param {Classification} classification
 * @returns {(string | HTMLElement)[]}
 */
function answerAloud(entry, classification) {
  const { reason } = classification;
  const name = entryTitle(entry);
  const verdict = verdictWords(classification);
  const probability = percent(classification.probability);
  if (!reason) return [text('announce.answer', { name, verdict, probability })];
  return withReason((words) => text('announce.doubted', { name, verdict, probability, reason: words }), reason);
}
