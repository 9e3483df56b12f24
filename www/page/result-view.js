/** The answer for the selected slice, in words, numbers and on a scale. */
import { part } from './page-part.js';
import { LABEL_WORDS, duration, modelTitle, percent, signed } from './wording.js';

/**
 * @typedef {import('./batch.js').Entry} Entry
 * @typedef {import('./worker.js').Classification} Classification
 */

/**
 * Where a model's threshold and inconclusive band lie among its calibrated probabilities.
 *
 * @typedef {import('./worker.js').ModelCard['decision']} Decision
 */

/** @type {Record<Entry['state'], string>} */
const STATE_WORDS = {
  waiting: 'Waiting…',
  running: 'Being examined…',
  done: '',
  failed: 'This file could not be examined. What to do is said below.',
};

export class ResultView {
  #root;
  #label;
  #probability;
  #margin;
  /** @type {(model: Classification['model']) => Decision | undefined} */
  #decisionOf;

  /**
   * @param {HTMLElement} root
   * @param {(model: Classification['model']) => Decision | undefined} decisionOf  The decision of a
   *   model that has answered.
   */
  constructor(root, decisionOf) {
    this.#root = root;
    this.#decisionOf = decisionOf;
    this.#label = part(root, 'label', HTMLElement);
    this.#probability = part(root, 'probability', HTMLElement);
    this.#margin = part(root, 'margin', HTMLElement);
  }

  /** @param {Entry | undefined} entry */
  show(entry) {
    this.#root.hidden = !entry;
    if (!entry) return;
    const { classification, earlier } = entry;
    this.#root.dataset.state = entry.state;
    this.#root.setAttribute('aria-busy', String(entry.state === 'waiting' || entry.state === 'running'));
    part(this.#root, 'file', HTMLElement).textContent = entry.name;
    part(this.#root, 'state', HTMLElement).textContent = STATE_WORDS[entry.state];
    part(this.#root, 'answer', HTMLElement).hidden = !classification;
    if (classification) this.#write(classification);
    else this.#erase();
    const others = part(this.#root, 'earlier', HTMLElement);
    others.replaceChildren(...earlier.map(earlierAnswer));
    others.hidden = part(this.#root, 'earlier-term', HTMLElement).hidden = earlier.length === 0;
  }

  /** @param {Classification} classification */
  #write(classification) {
    const { label, probability, margin, threshold, inconclusive, scores, model } = classification;
    const { inDistribution, distance, reason } = classification;
    const { decode, preprocess, inference, total } = classification.elapsedMs;
    part(this.#root, 'guard-notice', HTMLElement).hidden = inDistribution;
    part(this.#root, 'reason', HTMLElement).textContent = reason ?? '';
    const guard = part(this.#root, 'guard', HTMLElement);
    const likeness = inDistribution ? 'looks like one' : 'does not look like one';
    guard.textContent = `${likeness} (distance ${distance.toFixed(2)}, limit 1)`;
    guard.dataset.value = String(distance);
    this.#root.dataset.label = label;
    this.#label.textContent = LABEL_WORDS[label];
    this.#label.dataset.value = label;
    this.#probability.textContent = percent(probability);
    this.#probability.dataset.value = String(probability);
    this.#margin.textContent = `${signed(margin)} (threshold ${signed(threshold)})`;
    this.#margin.dataset.value = String(margin);
    part(this.#root, 'inconclusive', HTMLElement).hidden = !inconclusive;
    this.#drawScale(probability, this.#decisionOf(model));

    part(this.#root, 'scores', HTMLElement).textContent =
      `haemorrhage ${scores.haemorrhage.toFixed(2)}, normal ${scores.normal.toFixed(2)}`;
    part(this.#root, 'answered-by', HTMLElement).textContent = `${modelTitle(model.name)} ${model.version}`;
    part(this.#root, 'time', HTMLElement).textContent = duration(total);
    part(this.#root, 'stages', HTMLElement).textContent =
      `reading ${duration(decode)}, cropping ${duration(preprocess)}, network ${duration(inference)}`;
  }

  #erase() {
    delete this.#root.dataset.label;
    for (const element of [this.#label, this.#probability, this.#margin]) {
      element.textContent = '';
      delete element.dataset.value;
    }
  }

  /**
   * @param {number} probability
   * @param {Decision | undefined} decision
   */
  #drawScale(probability, decision) {
    const scale = part(this.#root, 'scale', HTMLElement);
    scale.style.setProperty('--probability', String(probability));
    scale.classList.toggle('with-decision', decision !== undefined);
    let description = `Probability ${percent(probability)}`;
    if (decision) {
      const { threshold, inconclusive } = decision;
      scale.style.setProperty('--threshold', String(threshold));
      scale.style.setProperty('--band-start', String(inconclusive[0]));
      scale.style.setProperty('--band-end', String(inconclusive[1]));
      part(this.#root, 'threshold', HTMLElement).textContent = `threshold ${percent(threshold)}`;
      description += `, threshold ${percent(threshold)}`;
    }
    scale.setAttribute('aria-label', description);
  }
}

/**
 * What another model said of the same slice.
 *
 * @param {Classification} classification
 * @returns {HTMLElement}
 */
function earlierAnswer({ model, label, probability, inconclusive }) {
  const answer = document.createElement('span');
  const by = document.createElement('small');
  const doubt = inconclusive ? ', inconclusive' : '';
  by.textContent = `by ${modelTitle(model.name)} ${model.version}`;
  answer.append(`${LABEL_WORDS[label]}${doubt}, ${percent(probability)}`, by);
  return answer;
}
