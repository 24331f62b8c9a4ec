// Packs a server folder into one file that `src/host/demo-root.ts` unpacks: a JSON head, then the bytes, brotli.
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';
import { newestStamp } from './stamps.ts';

/** One file or link of the pack, by path below the server root (or below `mails/`). */
export interface PackEntry {
  readonly path: string;
  /** `text` may hold time tokens; `raw` is left as it is; `link` is a symbolic link to `target`. */
  readonly kind: 'text' | 'raw' | 'link';
  readonly target?: string;
  readonly content?: Buffer;
  /** Permission bits. */
  readonly mode?: number;
}

/** Below the root: everything but the folders that only the bed itself needs. */
export function collect(root: string, folder: string, skip: (path: string) => boolean): PackEntry[] {
  const entries: PackEntry[] = [];
  for (const item of readdirSync(join(root, folder), { withFileTypes: true })) {
    const path = `${folder}/${item.name}`;
    if (skip(path)) continue;
    if (item.isSymbolicLink()) entries.push({ path, kind: 'link', target: readlinkSync(join(root, path)) });
    else if (item.isDirectory()) entries.push(...collect(root, path, skip));
    else entries.push({ path, kind: 'raw', content: readFileSync(join(root, path)) });
  }
  return entries;
}

/** The pack's bytes. `end` is the newest time of the recording in epoch seconds, `zone` the server's time zone. */
export function pack(entries: readonly PackEntry[], end: number, zone: string): Buffer {
  const sorted = [...entries].sort((a, b) => (a.path < b.path ? -1 : 1));
  const files = sorted.map(({ path, kind, target, content, mode }) => ({
    path,
    kind,
    ...(target === undefined ? {} : { target }),
    ...(content === undefined ? {} : { size: content.length }),
    ...(mode === undefined ? {} : { mode }),
    ...(kind === 'text' && content !== undefined ? { newest: newestStamp(content.toString('latin1')) } : {}),
  }));
  const head = Buffer.from(`${JSON.stringify({ format: 1, zone, end, files })}\n`);
  const bytes = Buffer.concat([
    head,
    ...sorted.flatMap((entry) => (entry.content === undefined ? [] : [entry.content])),
  ]);
  return brotliCompressSync(bytes, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: 11,
      [constants.BROTLI_PARAM_LGWIN]: 24,
      [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
    },
  });
}
