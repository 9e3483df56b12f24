/** Every memory that a WebAssembly module made or exported since this script ran. */
const memories = new Set();
const keep = (result) => {
  const { exports } = result.instance ?? result;
  for (const made of Object.values(exports)) {
    if (made instanceof WebAssembly.Memory) memories.add(made);
  }
  return result;
};
for (const name of ['instantiate', 'instantiateStreaming']) {
  const original = WebAssembly[name];
  WebAssembly[name] = async (...parts) => keep(await original.apply(WebAssembly, parts));
}
WebAssembly.Memory = new Proxy(WebAssembly.Memory, {
  construct(target, parts) {
    const memory = new target(...parts);
    memories.add(memory);
    return memory;
  },
});

/**
 * What every worker does with the page's orders. A worker gives `answer` two functions: `load` gets
 * the engine's files and the drawn image ready, `infer` runs the network once and gives its margin
 * and, where the engine times itself, how many milliseconds it took.
 */
self.answer = ({ load, infer }) => {
  const run = async () => {
    const started = performance.now();
    const result = await infer();
    return { milliseconds: performance.now() - started, ...result };
  };
  const orders = {
    async start(files) {
      await load(files);
      return run();
    },
    memory: () => [...memories].reduce((sum, { buffer }) => sum + buffer.byteLength, 0),
    async run(times) {
      const runs = [];
      for (let i = 0; i < times; i += 1) runs.push(await run());
      return runs;
    },
  };
  self.onmessage = async ({ data: [order, argument] }) => {
    try {
      self.postMessage({ value: await orders[order](argument) });
    } catch (error) {
      self.postMessage({ error: String(error?.stack ?? error) });
    }
  };
};

/** The bytes at an address. */
self.bytes = async (address) => {
  const response = await fetch(address);
  if (!response.ok) throw new Error(`${address}: ${response.status}`);
  return response.arrayBuffer();
};
