/** A file in an archive. */
export interface Member {
  /** Its path inside the archive, `/` between folders. */
  name: string;
  /** By which `openMember` finds it. */
  index: number;
}
