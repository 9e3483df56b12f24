/** A kind of haemorrhage: epidural, intraparenchymal, intraventricular, subarachnoid, subdural. */
export type HaemorrhageKind = 'EDH' | 'IPH' | 'IVH' | 'SAH' | 'SDH';

/** Whether a slice shows one kind of haemorrhage. */
export interface KindScore {
  kind: HaemorrhageKind;
  /** Calibrated probability that the slice shows it, 0–1. */
  probability: number;
  /** Signed SVM score before calibration; positive = the kind. */
  margin: number;
}

/** The answer for one slice. */
export interface Classification {
  label: 'haemorrhage' | 'normal';
  /** Calibrated probability of haemorrhage, 0–1. */
  probability: number;
  /** Signed SVM score before calibration; positive = haemorrhage. */
  margin: number;
  /** The margin that separates the labels. */
  threshold: number;
  /** Which of the model's thresholds that is. */
  operatingPoint: OperatingPoint;
  /** The share of slices with haemorrhage that the probabilities are for, 0–1; absent where unknown. */
  prevalence?: number;
  /** Whether the margin lies inside the band around the threshold. */
  inconclusive: boolean;
  /** The paper's two one-vs-rest scores, each calibrated on its own. */
  scores: { haemorrhage: number; normal: number };
  /** Each kind against the rest; empty for a model that was not taught kinds. */
  kinds: KindScore[];
  /** Whether the input is taken for a CT slice of a head; where not, the answer means little. */
  inDistribution: boolean;
  /** The guard's distance: 0 for a typical head CT, more than 1 out of distribution. */
  distance: number;
  /** Why the input is out of distribution; absent when it is not. */
  reason?: string;
  /** Which slice of the file, from 0. */
  frame: number;
  model: { name: string; version: string };
  elapsedMs: { decode: number; preprocess: number; inference: number; total: number };
}

/** The decoded slice and what the network saw of it. */
export interface SliceView {
  width: number;
  height: number;
  /** Grey levels 0–255, row-major. */
  grey: Uint8Array;
  /** The head square, in slice pixels; it may reach past the slice. */
  crop: { x: number; y: number; side: number };
}

export interface Examination {
  /** How many slices the file holds. */
  slices: number;
  /** Where the slice belongs, for `summariseStudy`. */
  place: Place;
  classification: Classification;
  slice: SliceView;
}

export interface Figure {
  value: number;
  /** Ends of the 95 % patient-bootstrap interval. */
  low?: number;
  high?: number;
  protocol: string;
}

export interface ModelCard {
  name: string;
  version: string;
  licence: string;
  data: string;
  protocol: string;
  figures: { [name: string]: Figure };
  /** Thresholds and inconclusive band as calibrated probabilities, where haemorrhage is as common as
   * `prevalence` says. */
  decision: { threshold: Thresholds; inconclusive: [number, number] };
  /** The same thresholds as margins. */
  thresholds: Thresholds;
  /** The share of slices with haemorrhage that probabilities are for unless another is set, 0–1; absent
   * where unknown. */
  prevalence?: number;
  /** The same of each kind that the model tells. */
  kindPrevalences: { [kind in HaemorrhageKind]?: number };
}

/** Which of the model's thresholds separates the labels: one that misses few haemorrhages, one with the
 * best balance, or one with few false alarms. */
export type OperatingPoint = 'screening' | 'balanced' | 'confirming';

/** A threshold for each operating point. */
export type Thresholds = { [point in OperatingPoint]: number };

export type PhantomKind = 'normal' | 'intraparenchymal' | 'subdural';
