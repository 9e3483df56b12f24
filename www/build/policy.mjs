/** What the page may do, in the browser's own terms: its Content Security Policy. */
import { createHash } from 'node:crypto';

/** @param {string} text */
const digest = (text) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/**
 * The policy of a page that holds its scripts and its style itself.
 *
 * @param {{ scripts: string[], styles: string[] }} inline  The texts of its elements.
 * @param {{ connected: boolean }} options  Whether it has a server: one that has none needs no
 *   connection from its first byte on, and has no service worker and no manifest.
 * @returns {string}
 */
export function pagePolicy({ scripts, styles }, { connected }) {
  const server = connected ? "'self'" : "'none'";
  const directives = {
    'default-src': "'none'",
    'script-src': [...scripts.map(digest), "'wasm-unsafe-eval'"].join(' '),
    'style-src': styles.map(digest).join(' '),
    'img-src': 'blob: data:',
    // While the page loads; then it closes the door behind itself (page/door.js).
    'connect-src': server,
    'worker-src': connected ? "blob: 'self'" : 'blob:',
    'manifest-src': server,
    'form-action': "'none'",
    'base-uri': "'none'",
    'require-trusted-types-for': "'script'",
    'trusted-types': 'haemolens',
  };
  return Object.entries(directives)
    .map(([name, value]) => `${name} ${value}`)
    .join('; ');
}

/**
 * The same as headers, and what only headers can say, for hosts that read a file `_headers`. The page
 * needs none of them.
 *
 * @param {string} policy
 * @returns {string}
 */
export function headersFile(policy) {
  const denied = ['camera', 'display-capture', 'geolocation', 'microphone', 'midi', 'payment', 'serial', 'usb'];
  const headers = {
    'Content-Security-Policy': `${policy}; frame-ancestors 'none'`,
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Permissions-Policy': denied.map((name) => `${name}=()`).join(', '),
    'Referrer-Policy': 'no-referrer',
    'X-Content-Type-Options': 'nosniff',
  };
  const lines = Object.entries(headers).map(([name, value]) => `  ${name}: ${value}\n`);
  return `/*\n${lines.join('')}`;
}
