// Uses every verb of Host on a root and prints all that came out as JSON: `node every-verb.ts ROOT STATE`.
// Between two marks (paths that do not exist, asked for once) so that a trace shows what the verbs opened.
import { accessSync, readSync } from 'node:fs';
import { openHost } from '../../src/host/local-host.ts';
import type { CsfFileName, Host } from '../../src/host/host.ts';
import type { LogKind } from '../../src/host/logs.ts';
import type { SearchLog } from '../../src/model.ts';
import { accessLineTime } from '../../src/parse/access-log.ts';
import { SERVICE_LOGS } from '../../src/host/service-log.ts';

const KINDS: readonly LogKind[] = ['error_log', 'audit_log', 'lfd_log', 'access_log', 'login_log'];
const CSF: readonly CsfFileName[] = ['deny', 'allow', 'ignore', 'tempban', 'tempallow', 'tempip', 'conf'];

export const BEGIN_MARK = '/whyblocked-trace-begin';
export const END_MARK = '/whyblocked-trace-end';

/** Everything that a generator gives. */
export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** What every verb gives, as plain data; problems as their words. */
export async function everyVerb(host: Host): Promise<unknown[]> {
  const out: unknown[] = [host.layout, host.zone?.name, host.zone?.offsetMinutesAt(0)];
  const vhosts = host.vhosts();
  const logs = KINDS.flatMap((kind) => host.logs(kind));
  for (const { vhost } of vhosts) logs.push(...host.logs('access_log', vhost));
  for (const log of logs) {
    out.push(log);
    const read = async (use: () => Promise<unknown>): Promise<void> => {
      out.push(await use().catch((error: unknown) => String(error)));
    };
    await read(() => collect(host.readLines(log, 0)));
    await read(async () =>
      (await collect(host.readChunks(log, 0, 100))).map(({ bytes }) => bytes.toString('latin1')),
    );
    await read(() => collect(host.readWindow(log, { from: 0, to: 1e15 }, accessLineTime)));
    await read(() => Promise.resolve(log).then((one) => host.windowStart(one, 1e15, accessLineTime)));
    await read(() => host.fingerprint(log));
    await read(() => host.lineAt({ file: log.path, offset: 0 }));
    await read(() => host.lineAt({ file: log.path, offset: 0, head: '0'.repeat(32) }));
  }
  for (const log of host.searchLogs()) out.push(log, host.searchLogAt(log.path), firstBytes(host, log));
  out.push(everyRecord(host));
  for (const name of CSF) out.push(await host.csfFile(name));
  out.push(vhosts, ...vhosts.map(({ vhost }) => host.aliases(vhost)));
  out.push(host.includeFiles(null), ...vhosts.map(({ vhost }) => host.includeFiles(vhost)));
  for (const key of SERVICE_LOGS) out.push(host.serviceLog(key, '203.0.113.7'));
  out.push(host.ruleFiles(), host.modsecConfig(), host.hostname(), host.ownAddresses());
  out.push(host.remoteProxies(), await host.blockLists(), host.hitsDb.look());
  return out;
}

/** All that the folders of single audit records give. */
function everyRecord({ auditFiles, layout }: Host): unknown[] {
  return layout.auditFolders.flatMap((folder) => {
    const { users, problem } = auditFiles.users(folder);
    const files = users.flatMap((user) =>
      [...auditFiles.minutes(folder, user, null)].flatMap((minute) =>
        [...minute.names()].flat().map((name) => {
          const file = minute.read(name);
          return file.problem ?? file.bytes.toString('latin1');
        }),
      ),
    );
    return [problem, users, files];
  });
}

/** The beginning of a log as a search opens it, or the problem. */
function firstBytes(host: Host, log: SearchLog): string {
  try {
    const opened = host.openSearchLog(log);
    const bytes = Buffer.alloc(200);
    const length = readSync(opened.fd, bytes, 0, bytes.length, 0);
    opened.close();
    return bytes.toString('latin1', 0, length);
  } catch (error) {
    return String(error);
  }
}

function mark(path: string): void {
  try {
    accessSync(path);
  } catch {
    // It is not there; only the trace sees it.
  }
}

const [dir, state] = process.argv.slice(2);
if (import.meta.main && dir !== undefined && state !== undefined) {
  const { HOME, TZ } = process.env;
  mark(BEGIN_MARK);
  const host = openHost({ root: dir, env: { HOME, TZ } });
  const out = await everyVerb(host);
  mark(END_MARK);
  out.push(host.stateDir(state));
  process.stdout.write(JSON.stringify(out));
}
