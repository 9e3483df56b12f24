/** A file of a study. */
export interface NamedFile {
  /** Its name or path; folders between `/`. */
  name: string;
  bytes: Uint8Array;
}

/** Where a slice belongs in its examination, as its file says; `null` where it does not. */
export interface Place {
  /** A digest that tells examinations apart. Nothing to show. */
  study: string | null;
  /** A digest that tells series apart. Nothing to show. */
  series: string | null;
  /** Series Number. */
  number: number | null;
  /** Millimetres along the slices' normal. */
  position: number | null;
  /** Millimetres. */
  thickness: number | null;
  plane: 'axial' | 'coronal' | 'sagittal' | 'unknown';
  kernel: 'soft' | 'bone' | 'unknown';
  contrast: boolean;
  localiser: boolean;
  /** Instance Number. */
  instance: number | null;
}

/** A file that could not be read. */
export interface Failure {
  file: string;
  error: { name: string; message: string };
}

/** What is known of a slice of a study, or of a file that could not be read. */
export type StudyMember = { file: string; classification: Classification; place: Place } | Failure;

export type SeriesKind =
  | 'standard'
  | 'pictures'
  | 'thin'
  | 'bone'
  | 'contrast'
  | 'dynamic'
  | 'reformat'
  | 'localiser'
  | 'notHeadCt';

/** What is said of a slice in its series. */
export interface StudySlice {
  file: string;
  /** Which slice of the file, from 0. */
  frame: number;
  /** Millimetres along the normal; absent where the file does not say. */
  position?: number;
  label: 'haemorrhage' | 'normal';
  margin: number;
  /** Its own probability of haemorrhage, by the calibration of slices. */
  probability: number;
  /** Where not, the slice counts for nothing. */
  inDistribution: boolean;
  reason?: string;
}

/** What is said of a series. */
export interface StudySeries {
  /** Series Number, where files say one. */
  number?: number;
  kind: SeriesKind;
  /** Thickness of its slices in millimetres, or the distance between them. */
  thickness?: number;
  /** Whether its slices count in the answer, and why not. */
  used: boolean;
  why?: string;
  /** Its own margin and probability; absent where none of its slices is taken for a head CT. */
  margin?: number;
  probability?: number;
  /** Files that hold a slice of this series once more, left out. */
  duplicates: number;
  /** In order of position, else of instance number, else of name. */
  slices: StudySlice[];
}

/** The answer for an examination as a whole. */
export interface StudyAnswer {
  /** Absent, as probability and margin are, where no slice is taken for a head CT. */
  label?: 'haemorrhage' | 'normal';
  /** Calibrated probability, 0–1, that there is a haemorrhage anywhere in the study. */
  probability?: number;
  /** What its slices' margins come to, by `basis`. */
  margin?: number;
  /** The margin that separates the labels. */
  threshold: number;
  /** Which of the model's thresholds that is. */
  operatingPoint: OperatingPoint;
  /** The share of studies with haemorrhage that the probabilities are for, 0–1; absent where unknown. */
  prevalence?: number;
  inconclusive: boolean;
  /** Each kind against the rest; empty where the model has not learned to tell kinds in studies, or no
   * slice is taken for a head CT. */
  kinds: KindScore[];
  /** Whether any of its series is taken for a CT of a head, and why not. */
  inDistribution: boolean;
  reason?: string;
  /**
   * `studyCalibration`: the mean of the highest margins, read as was learned on whole studies.
   * `highestSlice`: the model has not learned studies; its highest slice answers.
   */
  basis: 'studyCalibration' | 'highestSlice';
  /** How many slices the answer is made of. */
  slices: number;
  /** The few slices that carry the answer, highest margin first. */
  leading: {
    file: string;
    frame: number;
    /** Index in `series`, and in the `slices` of that series. */
    series: number;
    slice: number;
    margin: number;
    /** Its own probability of haemorrhage, by the calibration of slices. */
    probability: number;
  }[];
  /** All series by their numbers. */
  series: StudySeries[];
  /** Files that could not be read. */
  failed: Failure[];
  model: { name: string; version: string };
}
