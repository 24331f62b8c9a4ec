// csf's lists as typed entries with their places.
import type { CsfList } from '../host/csf-files.ts';
import type { PlacedEntry } from '../model-csf.ts';
import type { EpochMs } from '../model.ts';
import { parseCsfConf } from '../parse/csf-conf.ts';
import { parseCsfListText } from '../parse/csf-list.ts';
import { parseTempbanLine } from '../parse/csf-tempban.ts';
import type { Context } from './context.ts';
import type { ServerClock } from './server.ts';

export interface Firewall {
  readonly deny: readonly PlacedEntry[];
  readonly allow: readonly PlacedEntry[];
  readonly ignore: readonly PlacedEntry[];
  readonly tempbans: readonly PlacedEntry[];
  readonly tempallows: readonly PlacedEntry[];
  readonly conf: ReadonlyMap<string, string>;
  /** True when csf.deny was read whole: only then is "not in it" a statement. */
  readonly readable: boolean;
  /** What could not be read, in words. */
  readonly problems: readonly { readonly source: string; readonly why: string }[];
}

/** Reads csf.deny, csf.allow, csf.ignore (with what they include), csf.tempban, csf.tempallow and csf.conf. Never throws. */
export async function readFirewall(ctx: Context): Promise<Firewall> {
  const { host } = ctx;
  const [deny, allow, ignore, tempban, tempallow, conf] = await Promise.all([
    host.csfFile('deny'),
    host.csfFile('allow'),
    host.csfFile('ignore'),
    host.csfFile('tempban'),
    host.csfFile('tempallow'),
    host.csfFile('conf'),
  ]);
  return {
    deny: entriesOf(deny, 'deny'),
    allow: entriesOf(allow, 'allow'),
    ignore: entriesOf(ignore, 'ignore'),
    tempbans: temporaryOf(tempban, 'tempban'),
    tempallows: temporaryOf(tempallow, 'tempallow'),
    conf: parseCsfConf(conf.text ?? ''),
    readable: deny.text !== null && deny.stable,
    // That nobody is allowed or ignored is no problem.
    problems: [...[deny, tempban, conf], ...[allow, ignore, tempallow].filter(isThere)].flatMap(problemsOf),
  };
}

function isThere({ problem }: CsfList): boolean {
  return problem !== 'missing';
}

function problemsOf(list: CsfList): Firewall['problems'] {
  const one = (file: { path: string; problem: string | null; stable: boolean }): Firewall['problems'] => {
    if (file.problem !== null) return [{ source: file.path, why: file.problem }];
    return file.stable ? [] : [{ source: file.path, why: 'it kept changing while it was read; read again' }];
  };
  return [...one(list), ...list.includes.flatMap(one)];
}

/** The entries of csf.deny, csf.allow or csf.ignore, or of a file of their form, with those of included files. */
export function entriesOf(list: CsfList, name: 'deny' | 'allow' | 'ignore'): PlacedEntry[] {
  const files = [list, ...list.includes];
  return files.flatMap((file) =>
    parseCsfListText(file.text ?? '', name).entries.map(({ entry, offset }) => ({
      ...entry,
      ref: { file: file.path, offset },
      included: file !== list,
    })),
  );
}

function temporaryOf(list: CsfList, name: 'tempban' | 'tempallow'): PlacedEntry[] {
  const found: PlacedEntry[] = [];
  let offset = 0;
  for (const line of (list.text ?? '').split('\n')) {
    const entry = parseTempbanLine(line, name);
    if (entry !== null) found.push({ ...entry, ref: { file: list.path, offset }, included: false });
    offset += line.length + 1;
  }
  return found;
}

/** When a temporary entry ends; null for a permanent one. */
export function entryEnd({ sinceEpoch, ttlSeconds }: PlacedEntry): EpochMs | null {
  return sinceEpoch === null || ttlSeconds === null ? null : sinceEpoch + ttlSeconds * 1000;
}

/** When an entry was made; null where its comment has no date. */
export function entryTime(entry: PlacedEntry, clock: ServerClock): EpochMs | null {
  return entry.sinceEpoch ?? (entry.sinceWall === null ? null : clock.zone.wallToEpoch(entry.sinceWall));
}
