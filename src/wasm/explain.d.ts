/** An answer, and where in the slice its margin comes from. */
export interface Explanation {
  /** Places a row of the map has, and its rows. */
  columns: number;
  rows: number;
  /** What each place contributes to the margin, row-major; positive counts towards haemorrhage. */
  contributions: Float32Array;
  /** The part of the margin that belongs to no place. */
  constant: number;
  /** What rounding between two fully connected layers adds; 0 where there is one such layer. */
  rounding: number;
  /** The kind of haemorrhage whose margin this is; absent where it is that of haemorrhage as a whole. */
  kind?: HaemorrhageKind;
  /** The sum of contributions, constant and rounding, to the precision of 32-bit numbers. */
  margin: number;
  /**
   * Where the places are, in slice pixels, where pixel `i` reaches from `i` to `i + 1`: the one in
   * column `c` and row `r` has its centre at `x + c * stride`, `y + r * stride`, and sees a square of
   * side `size` around it.
   */
  field: { x: number; y: number; stride: number; size: number };
  /** The head square, in slice pixels; it may reach past the slice. Nothing outside contributes. */
  crop: { x: number; y: number; side: number };
  classification: Classification;
}
