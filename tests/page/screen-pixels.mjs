/** What stands on the page's screen, pixel by pixel, and what the page asks of its workers for it. */

/**
 * Runs ahead of the page's scripts: keeps the names of all orders in `window.orders`, and in
 * `window.answered` those of the ones that a worker has answered.
 */
export function watchOrders() {
  window.orders = [];
  window.answered = [];
  /** The orders that each worker has in hand: it answers them one after another. */
  const given = new WeakMap();
  const { postMessage } = Worker.prototype;
  Worker.prototype.postMessage = function (message, ...rest) {
    if (message?.order) {
      if (!given.has(this)) {
        given.set(this, []);
        this.addEventListener('message', ({ data }) => {
          if (data.reply === 'done') window.answered.push(given.get(this).shift());
          else if (data.reply === 'failed') given.get(this).shift();
        });
      }
      given.get(this).push(message.order);
      window.orders.push(message.order);
    }
    return postMessage.call(this, message, ...rest);
  };
}

/** How often the page has given an order. */
export const orders = (visitor, name) =>
  visitor.page.evaluate((wanted) => window.orders.filter((order) => order === wanted).length, name);

/** Waits until an order has been answered so many times in all, and what came of it is painted. */
export async function answered(visitor, name, times) {
  await visitor.page.waitForFunction(
    ([wanted, count]) => window.answered.filter((order) => order === wanted).length >= count,
    [name, times],
  );
  await painted(visitor);
}

/**
 * Waits until what was asked for is painted: in the next frame, or in the one after where the page follows
 * a change of its layout.
 */
export const painted = (visitor) =>
  visitor.page.evaluate(async () => {
    for (let frames = 0; frames < 3; frames++) await new Promise(requestAnimationFrame);
    await new Promise((resolve) => setTimeout(resolve));
  });

/** Size of the screen, in CSS pixels, and where it is in the window. */
export const screenBox = (visitor) =>
  visitor.page.getByTestId('screen').evaluate((screen) => {
    const { left, top } = screen.getBoundingClientRect();
    const { clientLeft, clientTop, clientWidth: width, clientHeight: height } = screen;
    return { x: left + clientLeft, y: top + clientTop, width, height };
  });

/** Red, green and blue at points of the screen, in CSS pixels of it. */
export async function coloursAt(visitor, points) {
  await painted(visitor);
  return visitor.page.getByTestId('screen').evaluate((screen, wanted) => {
    const canvas = screen.querySelector('canvas');
    const context = canvas.getContext('2d');
    const [across, down] = [canvas.width / screen.clientWidth, canvas.height / screen.clientHeight];
    return wanted.map(({ x, y }) => [...context.getImageData(Math.floor(x * across), Math.floor(y * down), 1, 1).data.slice(0, 3)]);
  }, points);
}

/** Where a point of a picture is on the screen while the whole picture is shown. */
export function fitted(box, side, { x, y }) {
  const scale = Math.min(box.width, box.height) / side;
  return { x: box.width / 2 + (x - side / 2) * scale, y: box.height / 2 + (y - side / 2) * scale };
}

/** The rectangle of the outline, in CSS pixels of the screen. */
export async function outlineBox(visitor) {
  await painted(visitor);
  return visitor.page.locator('[data-part="square"]').evaluate((square) => {
    const value = (name) => Number(square.getAttribute(name));
    return { x: value('x'), y: value('y'), width: value('width'), height: value('height') };
  });
}
