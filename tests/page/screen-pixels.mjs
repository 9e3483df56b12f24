/** What stands on the page's screen, pixel by pixel, and what the page asks of its workers for it. */

/** Runs ahead of the page's scripts: keeps the names of all orders in `window.orders`. */
export function watchOrders() {
  window.orders = [];
  const { postMessage } = Worker.prototype;
  Worker.prototype.postMessage = function (message, ...rest) {
    if (message?.order) window.orders.push(message.order);
    return postMessage.call(this, message, ...rest);
  };
}

/** How often the page has given an order. */
export const orders = (visitor, name) =>
  visitor.page.evaluate((wanted) => window.orders.filter((order) => order === wanted).length, name);

/** Waits until what was asked for is painted. */
export const painted = (visitor) =>
  visitor.page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve, 20))));

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
