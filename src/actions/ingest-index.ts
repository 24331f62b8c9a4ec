// The index of single audit records: which files it names that the walk through their folders does not come to any more.
import { maskLine } from '../analyse/mask.ts';
import type { LogLine } from '../host/read-lines.ts';
import { type AuditIndexEntry, parseAuditIndex } from '../parse/audit-index.ts';
import { parseAuditPath } from '../parse/audit-path.ts';
import type { Context } from './context.ts';
import type { Progress } from './ingest-file.ts';
import { AuditFileBatch } from './keep-audit-files.ts';

/**
 * Reads the files that lines of the index name and moves the cursor. A file in a folder that was never walked is left to
 * the first walk (see `ingestConcurrent`), which finds them all; from then on each is read as soon as the index names it,
 * also one that was written hours after its name says (an upload that took so long). Call inside `store.write`.
 */
export function storeIndexLines(ctx: Context, progress: Progress, lines: readonly LogLine[]): void {
  const named = new NamedFiles(ctx);
  let refused = 0;
  for (const { text, offset } of lines) {
    if (text.trim() === '') continue;
    const entry = parseAuditIndex(text);
    if (entry !== null) named.read(entry);
    else {
      refused++;
      ctx.store.keepBadLine(progress.file.id, offset, maskLine(text.slice(0, 600)));
    }
  }
  named.store();
  // The records are counted with their files, which tell how far back they reach too: the oldest may be gone.
  const told = { firstAt: null, lastAt: null, lines: 0 };
  ctx.store.advanceFile(progress.file.id, { cursor: progress.end, ...told, refused });
}

/** Looks for named files in all storage folders. */
class NamedFiles {
  readonly #ctx: Context;
  readonly #batches: ReadonlyMap<string, AuditFileBatch>;
  /** Whether a user's folder was walked before, by its path. */
  readonly #walked = new Map<string, boolean>();

  constructor(ctx: Context) {
    this.#ctx = ctx;
    this.#batches = new Map(
      ctx.host.layout.auditFolders.map((folder) => [folder, new AuditFileBatch(ctx, folder)]),
    );
  }

  read({ path, uniqueId }: AuditIndexEntry): void {
    const user = parseAuditPath(path)?.user;
    if (user === undefined) return;
    for (const [folder, batch] of this.#batches) {
      if (!this.#isWalked(folder, user) || this.#ctx.store.transactions.hasAudit(uniqueId)) continue;
      const file = this.#ctx.host.auditFiles.at(folder + path);
      // One that is gone or may not be read is no loss here: the walk tells of folders that it cannot read.
      if (file.problem !== null) continue;
      batch.add(file, true);
      if (batch.isFull) this.store();
    }
  }

  store(): void {
    for (const batch of this.#batches.values()) {
      batch.store();
      batch.clear();
    }
  }

  #isWalked(folder: string, user: string): boolean {
    const key = `${folder}/${user}`;
    const known = this.#walked.get(key);
    if (known !== undefined) return known;
    const walked = this.#ctx.store.auditFiles.finishedTo(folder, user) !== null;
    this.#walked.set(key, walked);
    return walked;
  }
}
