/** What the workers' modules take, as they say it to the page. */

/**
 * To be run in a page ahead of its scripts. Keeps in `memories` the bytes of the module of each worker
 * that there is, and in `mostMemory` the most that any has had.
 */
export function watchWorkers() {
  window.memories = new Map();
  window.mostMemory = 0;
  window.Worker = class extends Worker {
    constructor(...given) {
      super(...given);
      this.addEventListener('message', ({ data: { memory = 0 } }) => {
        window.memories.set(this, memory);
        window.mostMemory = Math.max(window.mostMemory, memory);
      });
    }
    terminate() {
      window.memories.delete(this);
      super.terminate();
    }
  };
}
