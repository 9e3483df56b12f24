/** Small charts in SVG: axes, lines, bars of two classes, marks. Colours come from lesson.css. */
import { draw, number } from './elements.js';

/** Size of a chart's drawing, in its own units, and what is left for the axes. */
const SIZE = { width: 480, height: 256, left: 44, right: 16, top: 26, bottom: 36 };

/**
 * An axis: its ends and the places of its numbers.
 *
 * @typedef {{ from: number, to: number, ticks: number[], digits: number, title: string }} Axis
 */

/**
 * About five round numbers between two.
 *
 * @param {number} from
 * @param {number} to
 * @returns {{ ticks: number[], digits: number }}
 */
export function roundTicks(from, to) {
  const rough = (to - from) / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((found) => found >= rough) ?? rough;
  const ticks = [];
  for (let i = Math.ceil(from / step); i * step <= to; i++) ticks.push(i * step);
  return { ticks, digits: Math.max(0, -Math.floor(Math.log10(step) + 1e-9)) };
}

export class Chart {
  /** @type {SVGSVGElement} */
  element;
  #x;
  #y;

  /**
   * @param {string} label  What the chart says, in a sentence.
   * @param {Axis} x
   * @param {Axis} y
   */
  constructor(label, x, y) {
    this.#x = x;
    this.#y = y;
    const { width, height, left, right, top, bottom } = SIZE;
    const title = draw('title', {}, label);
    this.element = draw('svg', { viewBox: `0 0 ${width} ${height}`, class: 'chart', role: 'img' }, title);
    const floor = height - bottom;
    for (const value of y.ticks) {
      const at = this.y(value);
      this.#add('line', { x1: left, x2: width - right, y1: at, y2: at, class: 'grid' });
      this.#words(left - 6, at + 4, number(value, y.digits), 'end');
    }
    for (const value of x.ticks) {
      const at = this.x(value);
      this.#add('line', { x1: at, x2: at, y1: floor, y2: floor + 4, class: 'axis' });
      this.#words(at, floor + 17, number(value, x.digits), 'middle');
    }
    this.#add('line', { x1: left, x2: width - right, y1: floor, y2: floor, class: 'axis' });
    this.#words((left + width - right) / 2, height - 4, x.title, 'middle');
    this.#words(4, 12, y.title, 'start');
  }

  /** @param {number} value */
  x(value) {
    const { width, left, right } = SIZE;
    return left + ((value - this.#x.from) / (this.#x.to - this.#x.from)) * (width - left - right);
  }

  /** @param {number} value */
  y(value) {
    const { height, top, bottom } = SIZE;
    const share = (value - this.#y.from) / (this.#y.to - this.#y.from);
    return height - bottom - share * (height - top - bottom);
  }

  /**
   * @param {[x: number, y: number][]} points
   * @param {string} kind  A class.
   */
  line(points, kind) {
    const path = points.map(([x, y]) => `${this.x(x).toFixed(2)},${this.y(y).toFixed(2)}`).join(' ');
    this.#add('polyline', { points: path, class: `line ${kind}` });
  }

  /**
   * @param {[x: number, y: number][]} points
   * @param {string} kind
   */
  dots(points, kind) {
    for (const [x, y] of points) {
      this.#add('circle', { cx: this.x(x), cy: this.y(y), r: 3.5, class: `dot ${kind}` });
    }
  }

  /**
   * Bars from the floor, side by side without gaps.
   *
   * @param {number} from  Where the first begins.
   * @param {number} width  Of each, on the axis.
   * @param {number[]} heights
   * @param {string} kind
   */
  bars(from, width, heights, kind) {
    heights.forEach((height, i) => {
      if (height === 0) return;
      const [left, right] = [this.x(from + i * width), this.x(from + (i + 1) * width)];
      const top = this.y(height);
      this.#add('rect', { x: left, y: top, width: right - left, height: this.y(0) - top, class: `bar ${kind}` });
    });
  }

  /**
   * An upright line with words beside it.
   *
   * @param {number} x
   * @param {string} words
   * @param {string} kind
   * @param {number} [line]  Which line of words, from the top.
   */
  mark(x, words, kind, line = 0) {
    const at = Math.min(Math.max(this.x(x), SIZE.left), SIZE.width - SIZE.right);
    const { top, height, bottom } = SIZE;
    this.#add('line', { x1: at, x2: at, y1: top, y2: height - bottom, class: `mark-line ${kind}` });
    const right = at > SIZE.width * 0.62;
    this.#words(at + (right ? -5 : 5), top + 12 + line * 15, words, right ? 'end' : 'start', kind);
  }

  /**
   * A band between two values of the axis.
   *
   * @param {number} from
   * @param {number} to
   * @param {string} kind
   */
  band(from, to, kind) {
    const [left, right] = [this.x(from), this.x(to)];
    const { top, height, bottom } = SIZE;
    this.#add('rect', { x: left, y: top, width: right - left, height: height - bottom - top, class: kind });
  }

  /**
   * @param {number} x
   * @param {number} y
   * @param {string} words
   * @param {string} anchor
   * @param {string} kind
   */
  #words(x, y, words, anchor, kind = '') {
    this.element.append(draw('text', { x, y, 'text-anchor': anchor, class: kind }, words));
  }

  /**
   * @param {keyof SVGElementTagNameMap} name
   * @param {Record<string, string | number>} attributes
   */
  #add(name, attributes) {
    this.element.append(draw(name, attributes));
  }
}
