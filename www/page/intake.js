/** Files come in: dropped anywhere on the window, picked, pasted; folders with all that is in them. */

/** Files that systems leave in folders and nobody means to add; DICOMDIR is the index of a disc. */
const CLUTTER = /^(\..*|Thumbs\.db|desktop\.ini|DICOMDIR)$/i;

/**
 * Sorts the files of a folder as a person counts: slice 2 before slice 10.
 *
 * @param {File} a
 * @param {File} b
 */
function byPath(a, b) {
  const path = (/** @type {File} */ file) => file.webkitRelativePath || file.name;
  return path(a).localeCompare(path(b), 'en', { numeric: true });
}

/**
 * All files under a dropped file or folder.
 *
 * @param {FileSystemEntry} entry
 * @returns {Promise<File[]>}
 */
async function filesUnder(entry) {
  if (entry.isFile) {
    const file = /** @type {FileSystemFileEntry} */ (entry);
    return [await new Promise((resolve, reject) => file.file(resolve, reject))];
  }
  const reader = /** @type {FileSystemDirectoryEntry} */ (entry).createReader();
  /** @type {FileSystemEntry[]} */
  const inside = [];
  for (;;) {
    // A reader hands out a folder in parts, the last of them empty.
    /** @type {FileSystemEntry[]} */
    const part = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (part.length === 0) break;
    inside.push(...part.filter(({ name }) => !CLUTTER.test(name)));
  }
  inside.sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }));
  const files = [];
  for (const child of inside) files.push(...(await filesUnder(child)));
  return files;
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
  for (const entry of entries) if (entry) files.push(...(await filesUnder(entry)));
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
    if (files.length > 0) onFiles(files);
  };

  for (const input of [fileInput, folderInput]) {
    input.addEventListener('change', () => {
      const files = [...(input.files ?? [])];
      // Emptied, so that the same file can be picked again.
      input.value = '';
      give(input === folderInput ? files.filter(({ name }) => !CLUTTER.test(name)).sort(byPath) : files);
    });
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
