// A copy of the database as it stands, while the service reads on: made, looked through, then given its name.
import { dropDraft, keepBackup, openBackupPlace, realFolder } from '../host/backup-place.ts';
import { lookAtCopy } from '../store/disk.ts';
import type { Context } from './context.ts';
import { BadInput, Refused } from './errors.ts';

export interface Backup {
  readonly path: string;
  readonly bytes: number;
  readonly transactions: number;
  readonly incidents: number;
  /** The file that it stands for. */
  readonly database: string;
}

/**
 * Writes the copy. Throws BadInput for a place that cannot be: an existing file without `replace`, a folder of logs, one that is
 * served; Refused when the copy does not come out sound.
 */
export function backUp(ctx: Context, wanted: string, replace: boolean): Backup {
  const logs = (['error_log', 'audit_log', 'lfd_log', 'access_log', 'login_log'] as const).flatMap((kind) =>
    ctx.host.logs(kind).map(({ path }) => path.replace(/\/[^/]*$/, '')),
  );
  const root = ctx.host.rootDir === '/' ? '' : ctx.host.rootDir;
  // /var/log itself holds mail and system logs: a folder for copies below it is nobody's mistake to make.
  const closed = [...new Set(logs)].map((folder) => realFolder(root + folder));
  const place = openBackupPlace(wanted, [...closed, ctx.stateDir, ...(root === '' ? [] : [root])], replace);
  if (!('draft' in place)) throw new BadInput(`${place.path} ${place.why}. Nothing was written.`);
  try {
    ctx.store.file.copyInto(place.draft);
    const look = lookAtCopy(place.draft);
    if (look.found !== 'ok') throw new Refused(`The copy is damaged: ${look.found}. It was removed.`);
    const bytes = keepBackup(place, replace);
    if (bytes === null) throw new BadInput(`${place.path} exists already. Nothing was written.`);
    const { transactions, incidents } = look;
    return { path: place.path, bytes, transactions, incidents, database: `${ctx.stateDir}/whyblocked.db` };
  } finally {
    dropDraft(place);
  }
}
