/** Files come in: dropped anywhere on the window, picked, pasted; folders with all that is in them. */
import { pathOf, rememberPath } from './triage/file-paths.js';

/**
 * Files and folders that systems leave beside others and nobody means to add; DICOMDIR is the index of
 * a disc.
 */
const CLUTTER = /^(\..*|__MACOSX|Thumbs\.db|desktop\.ini|DICOMDIR)$/i;

/**
 * Leaves out what is beside the files that were meant; what comes alone was meant.
 *
 * @param {File[]} files
 * @returns {File[]}
 */
function withoutClutter(files) {
  // The folder that was picked was meant, whatever it is called.
  const path = (/** @type {File} */ { name, webkitRelativePath }) =>
    webkitRelativePath.split('/').slice(1, -1).concat(name);
  const meant = files.filter((file) => !path(file).some((part) => CLUTTER.test(part)));
  return meant.length > 0 ? meant : files;
}

/**
 * Sorts the files of a folder as a person counts: slice 2 before slice 10.
 *
 * @param {File} a
 * @param {File} b
 */
function byPath(a, b) {
  return pathOf(a).localeCompare(pathOf(b), 'en', { numeric: true });
}

/**
 * All files under a dropped file or folder. What the browser is not allowed to open is left out: it
 * must not spoil the rest.
 *
 * @param {FileSystemEntry} entry
 * @returns {Promise<File[]>}
 */
async function filesUnder(entry) {
  try {
    if (entry.isFile) {
      const opened = /** @type {FileSystemFileEntry} */ (entry);
      /** @type {File} */
      const file = await new Promise((resolve, reject) => opened.file(resolve, reject));
      rememberPath(file, entry.fullPath.replace(/^\//, ''));
      return [file];
    }
    const inside = await entriesIn(/** @type {FileSystemDirectoryEntry} */ (entry));
    const files = [];
    for (const child of inside) for (const file of await filesUnder(child)) files.push(file);
    return files;
  } catch (error) {
    console.warn(`${entry.name} could not be opened: ${error}`);
    return [];
  }
}

/**
 * What is directly in a folder, in the order a person counts; hidden folders are not looked into.
 *
 * @param {FileSystemDirectoryEntry} folder
 * @returns {Promise<FileSystemEntry[]>}
 */
async function entriesIn(folder) {
  const reader = folder.createReader();
  /** @type {FileSystemEntry[]} */
  const inside = [];
  for (;;) {
    // A reader hands out a folder in parts, the last of them empty.
    /** @type {FileSystemEntry[]} */
    const part = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (part.length === 0) break;
    for (const entry of part) if (entry.isFile || !CLUTTER.test(entry.name)) inside.push(entry);
  }
  return inside.sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }));
}

/**
 * The files of a drop. Must be called while the event is handled: its data is gone afterwards.
 *
 * @param {DataTransfer} transfer
 * @returns {Promise<File[]>}
 */
async function droppedFiles(transfer) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.() ?? null);
  const loose = [...transfer.files];
  if (!entries.some((entry) => entry?.isDirectory)) return loose;
  const files = [];
  for (const entry of entries) if (entry) for (const file of await filesUnder(entry)) files.push(file);
  return files;
}

/**
 * The files of a paste. The clipboard calls every picture image.png, so those get a number.
 *
 * @param {DataTransfer} clipboard
 * @param {number} earlier  How many were pasted before.
 * @returns {File[]}
 */
function pastedFiles(clipboard, earlier) {
  return [...clipboard.files].map((file, index) => {
    if (file.name !== 'image.png') return file;
    return new File([file], `pasted-${earlier + index + 1}.png`, { type: file.type });
  });
}

/** @typedef {(files: File[]) => void} OnFiles */

/**
 * Files to somebody, without what lies beside those that were meant.
 *
 * @param {File[]} files
 * @param {OnFiles} onFiles
 */
function give(files, onFiles) {
  if (files.length > 0) onFiles(withoutClutter(files));
}

/**
 * Listens for files that are picked, or for folders where the input takes such.
 *
 * @param {HTMLInputElement} input
 * @param {OnFiles} onFiles
 */
export function takePicked(input, onFiles) {
  const takesFolders = input.hasAttribute('webkitdirectory');
  const take = () => {
    const files = [...(input.files ?? [])];
    // Emptied, so that the same file can be picked again.
    input.value = '';
    give(takesFolders ? files.sort(byPath) : files, onFiles);
  };
  input.addEventListener('change', take);
  // The page can be seen before its scripts listen.
  if (input.files?.length) queueMicrotask(take);

  // Most phones cannot pick a folder.
  const works = !takesFolders || 'webkitdirectory' in HTMLInputElement.prototype;
  for (const control of [input, ...(input.labels ?? [])]) control.hidden = !works;
}

/**
 * Listens for files that are dropped on a part of the page, or anywhere in its window. What is dropped on
 * a part is that part's alone.
 *
 * @param {HTMLElement | Window} place
 * @param {(dragging: boolean) => void} mark  Told when files are held above the place, and when no more.
 * @param {OnFiles} onFiles
 */
export function takeDropped(place, mark, onFiles) {
  const listen = (/** @type {string} */ type, /** @type {(event: DragEvent) => void} */ listener) =>
    place.addEventListener(type, (event) => listener(/** @type {DragEvent} */ (event)));
  listen('dragover', (event) => {
    if (!event.dataTransfer?.types.includes('Files')) return;
    // A part of this place is meant.
    if (event.defaultPrevented) return mark(false);
    event.preventDefault();
    event.dataTransfer.dropEffect = 'copy';
    mark(true);
  });
  listen('dragleave', ({ relatedTarget }) => {
    // Leaving for an element inside is not leaving the place.
    const inside = relatedTarget instanceof Node && (place instanceof Window || place.contains(relatedTarget));
    if (!inside) mark(false);
  });
  listen('drop', async (event) => {
    mark(false);
    if (event.defaultPrevented || !event.dataTransfer) return;
    event.preventDefault();
    give(await droppedFiles(event.dataTransfer), onFiles);
  });
}

/**
 * Listens for files.
 *
 * @param {object} options
 * @param {HTMLInputElement} options.fileInput
 * @param {HTMLInputElement} options.folderInput
 * @param {OnFiles} options.onFiles
 */
export function takeFiles({ fileInput, folderInput, onFiles }) {
  takePicked(fileInput, onFiles);
  takePicked(folderInput, onFiles);

  let pasted = 0;
  window.addEventListener('paste', ({ clipboardData }) => {
    if (!clipboardData) return;
    const files = pastedFiles(clipboardData, pasted);
    pasted += files.length;
    give(files, onFiles);
  });

  takeDropped(window, (dragging) => void document.body.classList.toggle('dragging', dragging), onFiles);
}
