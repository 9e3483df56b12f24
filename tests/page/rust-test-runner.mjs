/**
 * Runs a library's unit tests in the browser: cargo's runner for WebAssembly,
 *
 *   node rust-test-runner.mjs TESTS.wasm [ARGUMENTS…]
 *
 * `wasm-bindgen-test-runner` serves the tests as a page; this opens it, and prints what it says.
 */
import { spawn } from 'node:child_process';

import { launchBrowser } from './visitor.mjs';

/** Longest wait for the tests, which take a minute where nothing else runs. */
const PATIENCE_MS = 1_200_000;

const server = spawn('wasm-bindgen-test-runner', process.argv.slice(2), {
  env: { ...process.env, NO_HEADLESS: '1', WASM_BINDGEN_TEST_ADDRESS: '127.0.0.1:0' },
  stdio: ['ignore', 'pipe', 'inherit'],
});
const address = await new Promise((resolve, reject) => {
  let said = '';
  server.stdout.on('data', (chunk) => {
    said += chunk;
    const [found] = said.match(/http:\/\/[\d.:]+/) ?? [];
    if (found) resolve(found);
  });
  server.on('error', reject);
  server.on('exit', () => reject(new Error(`the tests' server stopped: ${said}`)));
});

const browser = await launchBrowser();
const page = await browser.newPage();
const fault = new Promise((_, reject) => page.on('pageerror', reject));
await page.goto(address);
// Names of tests speak of errors too, and come one by one.
const output = page.locator('#output', { hasText: /test result:|Worker error:/ });
await Promise.race([output.waitFor({ timeout: PATIENCE_MS }), fault]);
const words = await output.innerText();
console.log(words);
await browser.close();
server.removeAllListeners('exit');
server.kill();
process.exitCode = /^test result: ok\. [1-9]\d* passed; 0 failed/m.test(words) ? 0 : 1;
