/** Reads tables of separated values (CSV, RFC 4180), as spreadsheets of any country write them. */

const SEPARATORS = [',', ';', '\t'];

/**
 * @param {string} content
 * @returns {{ line: number, cells: string[] }[]}  Rows that are not empty, with the line they begin in,
 *   from 1; cells without the blanks around them.
 */
export function readTable(content) {
  const body = content.replace(/^\uFEFF/, '');
  const separator = separatorOf(body.slice(0, body.search(/[\r\n]|$/)));
  /** @type {{ line: number, cells: string[] }[]} */
  const rows = [];
  let row = { line: 1, cells: /** @type {string[]} */ ([]) };
  let line = 1;
  let cell = '';
  let quoted = false;
  const endCell = () => {
    row.cells.push(cell.trim());
    cell = '';
  };
  const endRow = () => {
    endCell();
    if (row.cells.some((text) => text !== '')) rows.push(row);
  };
  for (let i = 0; i < body.length; i++) {
    const letter = body[i];
    if (letter === '\n') line++;
    if (quoted) {
      if (letter !== '"') cell += letter;
      else if (body[i + 1] === '"') cell += body[++i];
      else quoted = false;
    } else if (letter === '"' && cell.trim() === '') {
      cell = '';
      quoted = true;
    } else if (letter === separator) endCell();
    else if (letter === '\n' || (letter === '\r' && body[i + 1] !== '\n')) {
      endRow();
      row = { line, cells: [] };
    } else if (letter !== '\r') cell += letter;
  }
  endRow();
  return rows;
}

/**
 * The separator that stands most often in a line.
 *
 * @param {string} line
 * @returns {string}
 */
function separatorOf(line) {
  const times = (/** @type {string} */ sign) => line.split(sign).length;
  return SEPARATORS.reduce((best, sign) => (times(sign) > times(best) ? sign : best));
}
