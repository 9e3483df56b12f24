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

/**
 * Listens for files.
 *
 * @param {object} options
 * @param {HTMLInputElement} options.fileInput
 * @param {HTMLInputElement} options.folderInput
 * @param {(files: File[]) => void} options.onFiles
 */
export function takeFiles({ fileInput, folderInput, onFiles }) {
  const give = (/** @type {File[]} */ files) => {
    if (files.length > 0) onFiles(withoutClutter(files));
  };

  for (const input of [fileInput, folderInput]) {
    const take = () => {
      const files = [...(input.files ?? [])];
      // Emptied, so that the same file can be picked again.
      input.value = '';
      give(input === folderInput ? files.sort(byPath) : files);
    };
    input.addEventListener('change', take);
    // The page can be seen before its scripts listen.
    if (input.files?.length) queueMicrotask(take);
  }

  // Most phones cannot pick a folder.
  const picksFolders = 'webkitdirectory' in HTMLInputElement.prototype;
  for (const control of [folderInput, ...(folderInput.labels ?? [])]) control.hidden = !picksFolders;

  let pasted = 0;
  window.addEventListener('paste', ({ clipboardData }) => {
    if (!clipboardData) return;
    const files = pastedFiles(clipboardData, pasted);
    pasted += files.length;
    give(files);
  });

  const mark = (/** @type {boolean} */ dragging) => {
    document.body.classList.toggle('dragging', dragging);
  };
  window.addEventListener('dragover', (event) => {
    if (!event.dataTransfer?.types.includes('Files')) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = 'copy';
    mark(true);
  });
  window.addEventListener('dragleave', ({ relatedTarget }) => {
    // Leaving for another element is not leaving the window.
    if (!relatedTarget) mark(false);
  });
  window.addEventListener('drop', async (event) => {
    mark(false);
    if (!event.dataTransfer) return;
    event.preventDefault();
    give(await droppedFiles(event.dataTransfer));
  });
}
