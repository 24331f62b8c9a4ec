// Sizes of logs in words.
const KIB = 1024;
const MIB = KIB * KIB;

/** Bytes as a short text, e.g. `412 bytes`, `3 KiB`, `40 MiB`; GiB with one digit behind the point. */
export function mebibytes(bytes: number): string {
  if (bytes < KIB) return `${Math.round(bytes)} bytes`;
  if (bytes < MIB) return `${Math.round(bytes / KIB)} KiB`;
  return bytes < KIB * MIB ? `${Math.round(bytes / MIB)} MiB` : `${(bytes / (KIB * MIB)).toFixed(1)} GiB`;
}
