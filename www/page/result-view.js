/** The answer for the selected slice, in words, numbers and on a scale. */
import { kindBars, tellsKinds } from './kind-bars.js';
import { text } from './messages.js';
import { part } from './page-part.js';
import { withReason } from './reason-words.js';
import {
  LABEL_WORDS,
  decimal,
  duration,
  entryTitle,
  modelTitle,
  percent,
  share,
  signed,
  verdictWords,
} from './wording.js';

/**
 * @typedef {import('./batch.js').Entry} Entry
 * @typedef {import('./worker.js').Classification} Classification
 */

/**
 * Where a model's threshold and inconclusive band lie among its calibrated probabilities.
 *
 * @typedef {import('./answer-terms.js').Decision} Decision
 */

/** The distance beyond which a slice is not taken for a head CT. */
const GUARD_LIMIT = 1;

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
    part(this.#root, 'file', HTMLElement).textContent = entryTitle(entry);
    part(this.#root, 'state', HTMLElement).textContent =
      entry.state === 'done' ? '' : text(`result.${entry.state}`);
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
    const { operatingPoint, prevalence } = classification;
    const { inDistribution, distance, reason } = classification;
    const { decode, preprocess, inference, total } = classification.elapsedMs;
    part(this.#root, 'guard-notice', HTMLElement).hidden = inDistribution;
    const why = part(this.#root, 'reason', HTMLElement);
    why.replaceChildren(...(reason ? withReason((words) => words, reason) : []));
    const guard = part(this.#root, 'guard', HTMLElement);
    guard.textContent = text(inDistribution ? 'result.likeHeadCt' : 'result.unlikeHeadCt', {
      distance: decimal(distance, 2),
      limit: GUARD_LIMIT,
    });
    guard.dataset.value = String(distance);
    this.#root.dataset.label = label;
    this.#label.textContent = LABEL_WORDS[label];
    this.#label.dataset.value = label;
    this.#probability.textContent = percent(probability);
    this.#probability.dataset.value = String(probability);
    this.#margin.textContent = text('result.marginAndThreshold', {
      margin: signed(margin),
      threshold: signed(threshold),
      point: text(`terms.${operatingPoint}`),
    });
    this.#margin.dataset.value = String(margin);
    part(this.#root, 'where-common', HTMLElement).textContent =
      prevalence === undefined ? '' : text('result.whereCommon', { share: share(prevalence) });
    part(this.#root, 'inconclusive', HTMLElement).hidden = !inconclusive;
    this.#drawScale(probability, this.#decisionOf(model));
    part(this.#root, 'kinds', HTMLElement).hidden = !tellsKinds(classification);
    part(this.#root, 'kind-list', HTMLElement).replaceChildren(...kindBars(classification.kinds));

    part(this.#root, 'scores', HTMLElement).textContent = text('result.bothScores', {
      haemorrhage: decimal(scores.haemorrhage, 2),
      normal: decimal(scores.normal, 2),
    });
    part(this.#root, 'answered-by', HTMLElement).textContent = `${modelTitle(model.name)} ${model.version}`;
    part(this.#root, 'time', HTMLElement).textContent = duration(total);
    part(this.#root, 'stages', HTMLElement).textContent = text('result.stages', {
      reading: duration(decode),
      cropping: duration(preprocess),
      network: duration(inference),
    });
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
    let description = text('result.scale', { probability: percent(probability) });
    if (decision) {
      const { threshold, inconclusive } = decision;
      scale.style.setProperty('--threshold', String(threshold));
      scale.style.setProperty('--band-start', String(inconclusive[0]));
      scale.style.setProperty('--band-end', String(inconclusive[1]));
      const words = { probability: percent(probability), threshold: percent(threshold) };
      part(this.#root, 'threshold', HTMLElement).textContent = text('result.threshold', words);
      description = text('result.scaleWithThreshold', words);
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
  by.textContent = text('result.earlierBy', { model: `${modelTitle(model.name)} ${model.version}` });
  // Whether the slice is like a head CT is the same to every model, and is said above.
  const verdict = verdictWords({ label, inconclusive, inDistribution: true });
  answer.append(text('result.earlier', { verdict, probability: percent(probability) }), by);
  return answer;
}
