/** A slice as the units that a network made of it. */
export interface Description {
  /** How many slices the file holds. */
  slices: number;
  /** Where the slice belongs; `place.study` tells examinations apart. */
  place: Place;
  classification: Classification;
  /** What the decision reads: the last layer's units after ReLU. */
  units: Float32Array;
}
