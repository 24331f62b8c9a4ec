// Records that were read from files of their own, on their way into the store: some hundred files a commit.
import { maskAuditLine } from '../analyse/mask.ts';
import type { AuditFile } from '../host/audit-files.ts';
import type { TransactionParts } from '../model.ts';
import { auditForm } from '../parse/audit-form.ts';
import { parseAuditPath } from '../parse/audit-path.ts';
import { latin1Of } from '../parse/byte-lines.ts';
import type { Context } from './context.ts';
import { auditParts, readRecord } from './ingest-audit.ts';
import { saveMerged } from './ingest-error.ts';
import { indexVhosts, type VhostIndex } from './vhosts.ts';

const FILES_A_COMMIT = 200;
const BYTES_A_COMMIT = 4 * 1024 * 1024;
const FORM_BYTES = 4096;

type Kept = Omit<AuditFile, 'bytes' | 'problem'> & { readonly parts: TransactionParts };

/** Files of one storage folder that were read and are not yet kept. */
export class AuditFileBatch {
  readonly #ctx: Context;
  readonly #folder: string;
  #kept: Kept[] = [];
  #bytes = 0;
  #owners: Owners | null = null;
  #refused: { offset: number; text: string; finished: boolean }[] = [];

  constructor(ctx: Context, folder: string) {
    this.#ctx = ctx;
    this.#folder = folder;
  }

  get isFull(): boolean {
    return this.#kept.length + this.#refused.length >= FILES_A_COMMIT || this.#bytes >= BYTES_A_COMMIT;
  }

  get isEmpty(): boolean {
    return this.#kept.length === 0 && this.#refused.length === 0;
  }

  /**
   * Takes a file apart; false when it holds no record of the request that its name tells, or one that cannot be believed.
   * `finished`: its folder will not be looked at again.
   */
  add(file: AuditFile, finished: boolean): boolean {
    const { bytes, path, uniqueId, head, headLength, size, mtimeMs } = file;
    const form = auditForm(bytes.subarray(0, FORM_BYTES));
    const record = form === null || form === 'index' ? null : readRecord(bytes, form);
    if (record?.uniqueId !== uniqueId) {
      this.refuse(path, beginningOf(bytes), finished);
      return false;
    }
    // ModSecurity 3's JSON may tell the server's local time alone.
    const { atWall } = record;
    const at = atWall === undefined ? null : (this.#ctx.host.zone?.wallToEpoch(atWall) ?? null);
    const parts: TransactionParts = {
      ...auditParts(this.#ctx.hash, record, { file: path, offset: 0, head }),
      ...(at === null ? {} : { at }),
    };
    if (this.#isForeign(path, parts.vhost)) {
      this.refuse(path, 'a request to a site of another account', finished);
      return false;
    }
    this.#kept.push({ path, uniqueId, head, headLength, size, mtimeMs, parts });
    this.#bytes += bytes.length;
    return true;
  }

  /** An account's programs can write into its folder what they like: it is believed about its own sites only. */
  #isForeign(path: string, vhost: string | null): boolean {
    const user = parseAuditPath(path.slice(this.#folder.length))?.user ?? '';
    if (user === '') return false;
    this.#owners ??= ownersOf(this.#ctx);
    const owner = this.#owners.vhosts.account(vhost);
    return owner !== null && owner !== user && this.#owners.accounts.has(user);
  }

  /** Counts a file that cannot be used; `text` is what is shown of it. */
  refuse(path: string, text: string, finished: boolean): void {
    this.#refused.push({ offset: placeOf(path), text: `${path}\n${text}`, finished });
  }

  /** Stores all and begins anew; gives how much was stored. Call inside `store.write`. */
  store(): { readonly files: number; readonly bytes: number } {
    const { store } = this.#ctx;
    if (this.isEmpty) return { files: 0, bytes: 0 };
    const row = store.auditFiles.folderRow(this.#folder);
    let bytes = 0;
    const times: number[] = [];
    for (const { parts, path, head, headLength, size } of this.#kept) {
      // Another process may have been here, or two files may bear one name.
      if (store.transactions.hasAudit(parts.uniqueId)) continue;
      const id = store.auditFiles.add({ path, fingerprint: head, headLength, size, at: parts.at });
      saveMerged(this.#ctx, parts, () => id);
      times.push(parts.at);
      bytes += size;
    }
    const refused = this.#refused.filter(({ offset, text, finished }) =>
      store.auditFiles.refuse(row.id, offset, text, finished),
    );
    store.advanceFile(row.id, {
      cursor: row.cursor + bytes,
      firstAt: times.length === 0 ? null : Math.min(...times),
      lastAt: times.length === 0 ? null : Math.max(...times),
      lines: times.length,
      refused: refused.length,
    });
    return { files: times.length, bytes };
  }

  /** Forgets what was stored: once the commit stands. */
  clear(): void {
    this.#kept = [];
    this.#bytes = 0;
    this.#refused = [];
  }
}

interface Owners {
  readonly vhosts: VhostIndex;
  readonly accounts: ReadonlySet<string>;
}

function ownersOf({ host }: Context): Owners {
  const vhosts = host.vhosts();
  const accounts = new Set(vhosts.map(({ account }) => account));
  return { vhosts: indexVhosts(vhosts, host.hostname()), accounts };
}

/** A number that tells files apart that were not understood: the time in the name, and what stands behind it. */
function placeOf(path: string): number {
  const [, date = '0', time = '0', rest = ''] = /(\d{8})-(\d{6})-([^/]*)$/.exec(path) ?? [];
  let sum = 0;
  for (const letter of rest) sum = (sum * 31 + letter.charCodeAt(0)) % 397;
  return Number(date + time) * 397 + sum;
}

function beginningOf(bytes: Uint8Array): string {
  return latin1Of(bytes.subarray(0, 300)).split('\n').map(maskAuditLine).join('\n');
}
