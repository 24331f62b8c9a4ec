// A part of a log.

/** Bytes of a log's (unpacked) text, `to` not included; of lines, those that begin in it. */
export interface ByteRange {
  readonly from: number;
  readonly to: number;
}
