/** The page's colours outside of its style sheet: what the browser paints around the page. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const THEME = fileURLToPath(new URL('../page/theme.css', import.meta.url));

/**
 * The colours of the page's ground.
 *
 * @returns {{ dark: string, light: string }}
 */
export function grounds() {
  const [dark, light, ...more] = [...readFileSync(THEME, 'utf8').matchAll(/--ground: (#[0-9a-f]{6});/g)];
  if (!light || more.length > 0) throw new Error('theme.css should give --ground twice: dark, then light');
  return { dark: dark[1], light: light[1] };
}

/** Elements of the page's head that say so, before any style is there. */
export function themeMetas() {
  return Object.entries(grounds())
    .map(([theme, colour]) => `<meta name="theme-color" media="(prefers-color-scheme: ${theme})" content="${colour}" />`)
    .join('\n    ');
}
