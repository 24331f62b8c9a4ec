// Whether other visitors, who had not logged in, get an answer at some paths: then such a page proves nothing, and a
// tool that answers there is installed.
import { isLoginWorked } from '../analyse/login-proof.ts';
import { pathOf } from '../analyse/access-context.ts';
import { accessLineTime, parseAccessLogLine } from '../parse/access-log.ts';
import { accessLogs } from './access.ts';
import type { Context } from './context.ts';
import type { Window } from './coverage.ts';

const MOST_PATHS = 50;
/** Lines that are looked at: enough to find one visitor on a busy site. */
const MOST_LINES = 200_000;

/** What is asked: these paths on these vhosts in this time, by others than this address. */
export interface OthersQuestion extends Window {
  readonly vhosts: readonly string[];
  readonly client: string;
  readonly paths: ReadonlySet<string>;
}

/** Of the paths asked for those that gave 200 to somebody else without a login in that time. */
export async function answeredToOthers(ctx: Context, asked: OthersQuestion): Promise<ReadonlySet<string>> {
  const paths = [...asked.paths].slice(0, MOST_PATHS);
  if (paths.length === 0) return new Set();
  const wanted = (line: string): boolean =>
    line.includes('"POST ') || paths.some((path) => line.includes(path));
  const seen: Seen = { asked, byPath: new Map(), loggedIn: new Set() };
  let lines = 0;
  for (const log of accessLogs(ctx, asked.vhosts)) {
    if (log.problem !== null || log.size === 0) continue;
    const window = { from: asked.from, to: asked.to, wanted };
    for await (const batch of ctx.host.readWindow(log, window, accessLineTime)) {
      for (const { text } of batch.lines) note(text, seen);
      lines += batch.lines.length;
      if (lines > MOST_LINES) break;
    }
  }
  const { byPath, loggedIn } = seen;
  const answered = [...byPath].filter(([, clients]) => [...clients].some((client) => !loggedIn.has(client)));
  return new Set(answered.map(([path]) => path));
}

interface Seen {
  readonly asked: OthersQuestion;
  readonly byPath: Map<string, Set<string>>;
  readonly loggedIn: Set<string>;
}

function note(line: string, { asked, byPath, loggedIn }: Seen): void {
  const entry = parseAccessLogLine(line);
  if (entry === null || entry.client === asked.client) return;
  if (isLoginWorked(entry)) loggedIn.add(entry.client);
  const path = pathOf(entry.uri);
  if (entry.status !== 200 || !asked.paths.has(path)) return;
  const clients = byPath.get(path);
  if (clients === undefined) byPath.set(path, new Set([entry.client]));
  else clients.add(entry.client);
}
