/** A file in an archive. */
export interface Member {
  /** Its path inside the archive, `/` between folders. */
  name: string;
  /** By which `openMember` finds it. */
  index: number;
}

/** What a CT slice measured. */
export interface Hounsfield {
  width: number;
  height: number;
  /** Hounsfield units, row-major; −32768 outside of the image. */
  values: Int16Array;
}
