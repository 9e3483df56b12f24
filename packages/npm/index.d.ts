/**
 * Brain-CT haemorrhage classifier. Everything runs where it is called; nothing is sent anywhere. Not a
 * medical device.
 *
 * Functions reject with an `Error` whose `name` tells what is wrong (`UnsupportedFormat`,
 * `CorruptImage`, `TooLarge`, `EmptyInput`, `UnsupportedTransferSyntax`, `NoPixelData`, `SeveralSlices`,
 * `InvalidSetting`, `UnknownKind`, `CorruptModel`, `UnsupportedBrowser`, `ModuleNotLoaded`, `Internal`) and
 * whose message says what to do, or with a `TypeError` where the arguments are wrong.
 */
import type {
  Classification,
  Examination,
  Explanation,
  HaemorrhageKind,
  InitInput,
  ModelCard,
  OperatingPoint,
  PhantomKind,
  StudyAnswer,
} from './haemolens.js';

export type {
  Classification,
  Examination,
  Explanation,
  Figure,
  HaemorrhageKind,
  KindScore,
  ModelCard,
  OperatingPoint,
  PhantomKind,
  Place,
  SeriesKind,
  SliceView,
  StudyAnswer,
  StudySeries,
  StudySlice,
  Thresholds,
} from './haemolens.js';

/** What is in a file: DICOM, PNG, JPEG, WebP, BMP or TIFF, or a ZIP archive of them. */
export type FileContent = Blob | ArrayBufferLike | ArrayBufferView;

/** A file of a study that is no `File`. */
export interface StudyFile {
  /** Its name or path; folders between `/`. */
  name: string;
  content: FileContent;
}

/** What `haemolens_bg.wasm` can come from in the place of the package's own folder. */
export type ModuleSource = InitInput | Promise<InitInput>;

/**
 * Whether WebAssembly with 128-bit vectors (SIMD) is there. Without it `init`, and whatever calls it,
 * rejects with `UnsupportedBrowser`.
 */
export function isSupported(): boolean;

/**
 * Starts the module. Everything else does so by itself, so this is for those who want it early, or from
 * elsewhere. Once it has started, further calls do nothing; after a failure the next call tries again.
 *
 * @param source  Where the module comes from; its own folder if left out.
 */
export function init(source?: ModuleSource): Promise<void>;

/**
 * Classifies the one slice in `image` with the embedded AlexNet-SVM.
 *
 * @example
 * const { label, probability } = await classify(input.files[0]);
 */
export function classify(image: FileContent): Promise<Classification>;

/** Draws a sample slice of a head: a BMP file, for demonstrations and tests. */
export function phantom(kind: PhantomKind): Promise<Uint8Array>;

/** A model that is loaded once and answers often. */
export class Classifier {
  private constructor();

  /**
   * @param model  The content of a model file (`*.safetensors`); the embedded AlexNet-SVM if left out.
   */
  static load(model?: FileContent): Promise<Classifier>;

  /** What the model was trained on and how well it does. */
  readonly modelCard: ModelCard;

  /** Classifies the one slice in `image`. */
  classify(image: FileContent): Promise<Classification>;

  /** One answer for each slice in a file: the frames of a DICOM file, the images of an archive. */
  classifyAll(file: FileContent): Promise<Classification[]>;

  /**
   * Reads and classifies files, archives among them, and answers for each examination that they hold.
   * A file that cannot be read is named in the answer (`failed`).
   */
  classifyStudy(files: Iterable<File | StudyFile>): Promise<StudyAnswer[]>;

  /**
   * Classifies one of a file's slices, counted from 0, and gives its pixels back to show.
   *
   * @param slice  0 if left out.
   */
  examine(file: FileContent, slice?: number): Promise<Examination>;

  /**
   * Classifies one of a file's slices, counted from 0, and says where in it the margin comes from.
   *
   * @param slice  0 if left out.
   * @param kind  One kind of haemorrhage; haemorrhage as a whole if left out.
   */
  explain(file: FileContent, slice?: number, kind?: HaemorrhageKind): Promise<Explanation>;

  /**
   * Calls what comes after haemorrhage from another threshold on; `balanced` at first.
   *
   * @throws `InvalidSetting` for a point that there is not.
   */
  setOperatingPoint(point: OperatingPoint): void;

  /**
   * Gives the probabilities of what comes after for another share of haemorrhage among the slices (for
   * `classifyStudy`, among the examinations).
   *
   * @param prevalence  Between 0 and 1; the share that the model learned from if left out.
   * @throws `InvalidSetting` for what is no share, or where the model cannot answer for it.
   */
  setPrevalence(prevalence?: number): void;

  /** Gives the model's memory back; it must not be used afterwards. Otherwise the garbage collector does. */
  free(): void;
}
