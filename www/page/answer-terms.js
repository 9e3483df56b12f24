/**
 * The terms on which answers are given: from which of a model's thresholds on a slice is called
 * haemorrhage, and how common haemorrhage is. Neither changes a margin, so that answers that are there
 * are stated anew and no slice is examined again.
 */

/**
 * @typedef {import('./worker.js').Classification} Classification
 * @typedef {import('./worker.js').ModelCard} ModelCard
 */

/**
 * `prevalence` is the share of haemorrhage, between 0 and 1; without one it is the model's own.
 *
 * @typedef {{ operatingPoint: Classification['operatingPoint'], prevalence?: number }} Terms
 */

/** @type {Terms}  Those on which workers answer. */
const USUAL = { operatingPoint: 'balanced' };

/** Of however many, not all show one kind of haemorrhage (as in the module). */
const HIGHEST_SHARE = 0.999;

export class AnswerTerms {
  /** @type {Terms} */
  #terms = USUAL;
  /** @type {WeakMap<Classification, Classification>}  What a worker said, of answers stated anew. */
  #said = new WeakMap();
  #cardOf;

  /** @param {(model: Classification['model']) => ModelCard | undefined} cardOf  Of a model that has answered. */
  constructor(cardOf) {
    this.#cardOf = cardOf;
  }

  /** @returns {Terms} */
  get now() {
    return this.#terms;
  }

  set now(terms) {
    this.#terms = terms;
  }

  /**
   * An answer on the terms of now.
   *
   * @param {Classification} answer  As a worker gave it, or on other terms.
   * @returns {Classification}
   */
  restate(answer) {
    const said = this.#said.get(answer) ?? answer;
    const card = this.#cardOf(said.model);
    if (!card || this.#terms === USUAL) return said;
    const restated = onTerms(said, card, this.#terms);
    this.#said.set(restated, said);
    return restated;
  }
}

/**
 * @param {Classification} said  As the model gives it at first.
 * @param {ModelCard} card
 * @param {Terms} terms
 * @returns {Classification}
 */
export function onTerms(said, card, { operatingPoint, prevalence }) {
  const threshold = card.thresholds[operatingPoint];
  const label = said.margin >= threshold ? 'haemorrhage' : 'normal';
  const called = { ...said, label, threshold, operatingPoint };
  const learned = card.prevalence;
  if (prevalence === undefined || learned === undefined) return /** @type {Classification} */ (called);
  const times = prevalence / learned;
  const kinds = said.kinds.map((score) => {
    const share = card.kindPrevalences[score.kind];
    if (share === undefined) return score;
    const wanted = Math.min(share * times, HIGHEST_SHARE);
    return { ...score, probability: atPrevalence(score.probability, share, wanted) };
  });
  const probability = atPrevalence(said.probability, learned, prevalence);
  const normal = atPrevalence(said.scores.normal, 1 - learned, 1 - prevalence);
  const scores = { haemorrhage: probability, normal };
  return /** @type {Classification} */ ({ ...called, probability, prevalence, scores, kinds });
}

/**
 * Where the threshold and the inconclusive band of a model lie among its probabilities.
 *
 * @typedef {{ threshold: number, inconclusive: [number, number] }} Decision
 */

/**
 * @param {ModelCard} card
 * @param {Terms} terms
 * @returns {Decision}
 */
export function decisionOn({ decision, prevalence: learned }, { operatingPoint, prevalence }) {
  const moved = (/** @type {number} */ probability) =>
    prevalence === undefined || learned === undefined ? probability : atPrevalence(probability, learned, prevalence);
  const [low, high] = decision.inconclusive;
  return { threshold: moved(decision.threshold[operatingPoint]), inconclusive: [moved(low), moved(high)] };
}

/**
 * A probability where another share of all is what it is the probability of (Bayes' rule).
 *
 * @param {number} probability
 * @param {number} learned
 * @param {number} wanted
 * @returns {number}
 */
export function atPrevalence(probability, learned, wanted) {
  const yes = (probability * wanted) / learned;
  const no = ((1 - probability) * (1 - wanted)) / (1 - learned);
  return yes / (yes + no);
}
