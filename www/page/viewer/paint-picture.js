/** Puts a picture and what is drawn over it on a canvas: the screen's, or one to be saved. */

/**
 * @typedef {import('./contribution-map.js').ContributionMap} ContributionMap
 * @typedef {import('./view.js').Placement} Placement
 */

/**
 * A picture, and the square of it that the network saw, in the picture's pixels.
 *
 * @typedef {object} Picture
 * @property {HTMLCanvasElement} pixels
 * @property {{ x: number, y: number, side: number }} crop
 */

/** @typedef {{ map: ContributionMap, opacity: number }} Overlay  The opacity of the strongest, 0–1. */

/**
 * @param {CanvasRenderingContext2D} context  Its transform is kept.
 * @param {Picture} picture
 * @param {Placement} placement
 * @param {Overlay} [overlay]
 */
export function paintPicture(context, { pixels, crop }, { across, down, left, top }, overlay) {
  context.save();
  context.imageSmoothingQuality = 'high';
  context.transform(across, 0, 0, down, left, top);
  context.drawImage(pixels, 0, 0);
  if (overlay) {
    // Nothing outside of the square contributes, and nothing outside of the picture is there.
    context.beginPath();
    context.rect(0, 0, pixels.width, pixels.height);
    context.clip();
    context.beginPath();
    context.rect(crop.x, crop.y, crop.side, crop.side);
    context.clip();
    context.globalAlpha = overlay.opacity;
    context.transform(crop.side, 0, 0, crop.side, crop.x, crop.y);
    overlay.map.draw(context);
  }
  context.restore();
}
