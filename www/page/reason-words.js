/**
 * Why something is not taken for a CT of a head. The module says so in English; its sentences stand in
 * the English catalogue, and are known by that, so that other languages can say the same.
 */
import { withEnglish } from './english.js';
import { rephrased } from './messages.js';

/** @typedef {import('./messages.js').MessageKey} MessageKey */

/** Of a slice, of a whole study, of a series that does not answer. @type {MessageKey[]} */
const SENTENCES = ['reason.slice', 'reason.study', 'reason.noSlice', 'reason.fewSlices', 'reason.series'];

/** What may follow the colon. @type {MessageKey[]} */
const CAUSES = [
  'cause.empty',
  'cause.unlearned',
  'cause.photograph',
  'cause.document',
  'cause.pattern',
  'cause.resonance',
  'cause.otherWindow',
  'cause.otherScan',
  'cause.modality',
  'cause.localiser',
  'cause.otherPart',
];

/** What a header may name instead of CT. @type {MessageKey[]} */
const MODALITIES = [
  'modality.resonance',
  'modality.radiograph',
  'modality.mammogram',
  'modality.ultrasound',
  'modality.positron',
  'modality.nuclear',
  'modality.angiogram',
  'modality.fluoroscopy',
  'modality.optical',
];

/** What a header may name instead of the head. @type {MessageKey[]} */
const PARTS = [
  'part.chest',
  'part.aorta',
  'part.abdomen',
  'part.pelvis',
  'part.spine',
  'part.neck',
  'part.shoulder',
  'part.limb',
];

/**
 * A reason of the module in the visitor's language.
 *
 * @param {string} reason
 * @returns {string | undefined}  Nothing where the catalogues do not hold it.
 */
export function reasonWords(reason) {
  return rephrased(reason, SENTENCES, { cause: causeWords });
}

/** @param {string} cause */
function causeWords(cause) {
  return rephrased(cause, CAUSES, {
    modality: (name) => rephrased(name, MODALITIES),
    part: (name) => rephrased(name, PARTS),
  });
}

/**
 * What the page says with a reason in it, to be put into an element: in the visitor's language where
 * that can be, else with the reason in English and marked as that.
 *
 * @param {(reason: string) => string} say
 * @param {string} reason
 * @returns {(string | HTMLElement)[]}
 */
export function withReason(say, reason) {
  const words = reasonWords(reason);
  return words === undefined ? withEnglish(say(reason), reason) : [say(words)];
}
