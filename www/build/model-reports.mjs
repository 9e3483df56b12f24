/** What the page shows of the model card: what `haemolens report` has written, made small. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { EMBEDDED_MODEL } from './models.mjs';

const CARD = fileURLToPath(new URL('../../models/card.json', import.meta.url));

/** What the page shows of the figures of a group. */
const FIGURES = ['sensitivity', 'specificity', 'auc'];

/** @param {{ value: number, low?: number, high?: number }} figure */
const rounded = (figure) =>
  Object.fromEntries(Object.entries(figure).map(([name, value]) => [name, Number(value.toFixed(3))]));

/**
 * The parts of the card that concern the models of a page.
 *
 * @param {import('./models.mjs').ModelFile[]} models  Those that a visitor can choose besides the one
 *   inside the module.
 * @returns {import('../page/model-report.js').Reports}
 */
export function modelReports(models) {
  const card = JSON.parse(readFileSync(CARD, 'utf8'));
  const names = [EMBEDDED_MODEL, ...models.map(({ name }) => name)];
  return {
    intendedUse: card.intendedUse,
    outOfScope: card.outOfScope,
    sources: card.sources.map(({ title, collection, counts }) => ({ title, collection, counts })),
    limitations: card.limitations,
    notMeasured: card.notMeasured,
    models: card.models
      .filter(({ name }) => names.includes(name))
      .map(({ name, version, performance, failures }) => ({
        name,
        version,
        performance: performance.map(({ figures, ...group }) => ({
          ...group,
          figures: Object.fromEntries(
            FIGURES.filter((figure) => figures[figure]).map((figure) => [figure, rounded(figures[figure])]),
          ),
        })),
        failures: { summary: failures.summary, counts: failures.counts },
      })),
  };
}
