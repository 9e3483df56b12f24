/**
 * A headless Firefox, driven by WebDriver BiDi: the protocol of the World Wide Web Consortium that it
 * speaks over a WebSocket. Only the commands that the tests need.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { WebSocket } from 'ws';

/** Longest wait for anything: ends what is in vain, however busy the machine is. */
const PATIENCE_MS = 180_000;
const POLL_MS = 50;

/** What a fresh profile would otherwise do of its own accord. */
const PREFERENCES = {
  'app.normandy.enabled': false,
  'app.update.enabled': false,
  'browser.shell.checkDefaultBrowser': false,
  'browser.startup.page': 0,
  'datareporting.policy.dataSubmissionEnabled': false,
  'network.captive-portal-service.enabled': false,
  'network.connectivity-service.enabled': false,
  'toolkit.telemetry.enabled': false,
  'services.settings.server': '',
};

/** A value as the protocol writes it, or reads it. */
const toRemote = (value) => ({ type: typeof value, value });
function fromRemote({ type, value }) {
  if (type === 'array') return value.map(fromRemote);
  if (type === 'object') return Object.fromEntries(value.map(([key, item]) => [key, fromRemote(item)]));
  if (type === 'null') return null;
  return value;
}

export class Firefox {
  #process;
  #profile;
  #socket;
  #lastId = 0;
  /** @type {Map<number, { resolve: (result: any) => void, reject: (error: Error) => void }>} */
  #asked = new Map();
  #listeners = [];

  static async launch() {
    const executable = process.env.FIREFOX || '/usr/bin/firefox-esr';
    const firefox = new Firefox();
    firefox.#profile = mkdtempSync(join(tmpdir(), 'haemolens-firefox-'));
    const preferences = Object.entries(PREFERENCES).map(
      ([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});\n`,
    );
    writeFileSync(join(firefox.#profile, 'user.js'), preferences.join(''));
    firefox.#process = spawn(
      executable,
      ['--headless', '--no-remote', '--profile', firefox.#profile, '--remote-debugging-port', '0', 'about:blank'],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    );
    try {
      firefox.#socket = new WebSocket(`${await firefox.#address()}/session`);
      await once(firefox.#socket, 'open');
      firefox.#socket.on('message', (data) => firefox.#hear(JSON.parse(data)));
      await firefox.send('session.new', { capabilities: {} });
    } catch (error) {
      await firefox.close();
      throw error;
    }
    return firefox;
  }

  /** Where the browser listens, which it tells on its standard error. */
  #address() {
    return new Promise((resolve, reject) => {
      let said = '';
      const timer = setTimeout(() => reject(new Error(`Firefox does not listen: ${said}`)), PATIENCE_MS);
      this.#process.on('error', reject);
      this.#process.on('exit', (code) => reject(new Error(`Firefox stopped (${code}): ${said}`)));
      this.#process.stderr.on('data', (chunk) => {
        said += chunk;
        const [, found] = said.match(/WebDriver BiDi listening on (ws:\/\/\S+)/) ?? [];
        if (!found) return;
        clearTimeout(timer);
        resolve(found);
      });
    });
  }

  #hear({ id, type, result, error, message, method, params }) {
    if (type === 'event') {
      for (const listener of this.#listeners) listener(method, params);
      return;
    }
    const asked = this.#asked.get(id);
    this.#asked.delete(id);
    if (type === 'success') asked?.resolve(result);
    else asked?.reject(new Error(`${error}: ${message}`));
  }

  /** One command of the protocol. */
  send(method, params) {
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      this.#asked.set(id, { resolve, reject });
      this.#socket.send(JSON.stringify({ id, method, params }));
    });
  }

  /** Calls the listener with the name and the facts of these events from now on. */
  async on(events, listener) {
    this.#listeners.push(listener);
    await this.send('session.subscribe', { events });
  }

  async newTab() {
    const { context } = await this.send('browsingContext.create', { type: 'tab' });
    return new Tab(this, context);
  }

  async close() {
    this.#socket?.terminate();
    if (this.#process.exitCode === null) {
      const gone = once(this.#process, 'exit');
      this.#process.kill();
      await gone;
    }
    rmSync(this.#profile, { recursive: true, force: true, maxRetries: 5 });
  }
}

class Tab {
  constructor(firefox, context) {
    this.firefox = firefox;
    this.context = context;
  }

  goto(url) {
    return this.firefox.send('browsingContext.navigate', { context: this.context, url, wait: 'complete' });
  }

  reload() {
    return this.firefox.send('browsingContext.reload', { context: this.context, wait: 'complete' });
  }

  close() {
    return this.firefox.send('browsingContext.close', { context: this.context });
  }

  /** Calls a function in the page with texts and numbers, and gives what it returns or promises. */
  async evaluate(action, ...args) {
    const { type, result, exceptionDetails } = await this.firefox.send('script.callFunction', {
      functionDeclaration: String(action),
      arguments: args.map(toRemote),
      awaitPromise: true,
      target: { context: this.context },
    });
    if (type === 'exception') throw new Error(exceptionDetails.text);
    return fromRemote(result);
  }

  /** Waits until the function returns something true, and gives it. */
  async until(action, ...args) {
    const end = performance.now() + PATIENCE_MS;
    for (;;) {
      const value = await this.evaluate(action, ...args);
      if (value) return value;
      if (performance.now() > end) throw new Error(`waited in vain for ${action}`);
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }

  /** Gives files to the input that the selector names. */
  async setFiles(selector, files) {
    const { nodes } = await this.firefox.send('browsingContext.locateNodes', {
      context: this.context,
      locator: { type: 'css', value: selector },
    });
    const [element] = nodes;
    await this.firefox.send('input.setFiles', { context: this.context, element: { sharedId: element.sharedId }, files });
  }
}
