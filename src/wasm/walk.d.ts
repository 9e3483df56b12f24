/** A layer's map. */
export interface LayerMap {
  channels: number;
  side: number;
  /** Real values after ReLU: channel, row, column. */
  values: Float32Array;
  /** Where the map's places are in the slice, as in `Explanation`. */
  field: { x: number; y: number; stride: number; size: number };
}

/** What a convolution made of a slice. */
export interface ConvOfWalk {
  name: string;
  kernel: number;
  stride: number;
  padding: number;
  groups: number;
  /** Before normalisation and rounding; absent where nothing is normalised. */
  rectified?: LayerMap;
  /** After ReLU, and normalisation where there is one, in eight bits. */
  convolved: LayerMap;
  /** After pooling; absent where nothing is pooled. */
  pooled?: LayerMap;
}

/** What a fully connected layer made of a slice. */
export interface LinearOfWalk {
  name: string;
  /**
   * The units after ReLU. Of a layer that is applied at every place of the last map: the mean of each
   * unit over all places, then the mean of each over its highest places.
   */
  units: Float32Array;
  /** The units at each place, where the layer is applied at every place; a channel is a unit. */
  map?: LayerMap;
  /** How many highest places there are, where the layer is applied at every place. */
  top?: number;
}

/** One slice's way through a network, step by step. */
export interface Walk {
  /** How many slices the file holds. */
  slices: number;
  slice: SliceView;
  /** What the network read of the slice: grey levels 0–255, row-major. */
  input: { side: number; grey: Uint8Array };
  convs: ConvOfWalk[];
  linears: LinearOfWalk[];
  /** What the decision reads of the last layer's units: `margin = weights · units + bias`. */
  plane: { weights: Float32Array; bias: number };
  /** The answer, and what each place of the last map contributes to its margin. */
  explanation: Explanation;
  calibration: {
    /** `probability = 1 / (1 + exp(slope * margin + offset))`. */
    haemorrhage: { slope: number; offset: number };
    normal: { slope: number; offset: number };
    /** Margin from which a slice is called haemorrhage. */
    threshold: Thresholds;
    /** Margins between which the answer is inconclusive. */
    inconclusive: [number, number];
  };
}

/** The kernels of a convolution. */
export interface Kernels {
  name: string;
  filters: number;
  /** Input channels that each filter reads. */
  depth: number;
  /** Side of the square kernel. */
  size: number;
  /** Filter, input channel, row, column. */
  values: Float32Array;
}
