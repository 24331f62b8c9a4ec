// The log-health strip: each source, its state, how far it lags.
import { span } from '../analyse/sentences.ts';
import type { LogFile } from '../model.ts';
import type { Desk } from './desk.ts';
import type { HealthItem } from './inbox-view.ts';

const NAMES = { error_log: 'error_log', audit_log: 'modsec_audit.log', lfd_log: 'lfd.log' } as const;

/** One item a source, in reading order. */
export function healthOf(desk: Desk): HealthItem[] {
  const logs = (['error_log', 'audit_log', 'lfd_log'] as const).map((kind) => logHealth(desk, kind));
  return [...logs, accessHealth(desk), denyHealth(desk)];
}

function logHealth({ ctx, clock }: Desk, kind: keyof typeof NAMES): HealthItem {
  const name = NAMES[kind];
  const current = ctx.host.logs(kind).filter((log) => !log.rotated);
  const broken = problemIn(current);
  if (broken !== null) return { name, state: 'bad', text: broken, check: kind };
  const files = ctx.store.files(kind);
  const last = files.flatMap((file) => file.lastAt ?? []);
  const refused = files.reduce((sum, file) => sum + file.refused, 0);
  if (last.length === 0) return { name, state: 'off', text: 'read, no line of interest yet', check: kind };
  const behind = `last line ${span(Math.max(0, clock.now - Math.max(...last)))} ago`;
  return refused > 0
    ? { name, state: 'warn', text: `${behind}; ${refused} lines not understood`, check: kind }
    : { name, state: 'ok', text: behind, check: kind };
}

function problemIn(logs: readonly LogFile[]): string | null {
  if (logs.length === 0) return 'not found';
  const readable = logs.some((log) => log.problem === null);
  const [first] = logs.filter((log) => log.problem !== null);
  return readable || first === undefined ? null : `${first.path}: ${first.problem ?? ''}`;
}

function accessHealth({ ctx }: Desk): HealthItem {
  const logs = ctx.host.logs('access_log').filter((log) => !log.rotated);
  const own = logs.filter((log) => log.vhost !== null);
  const readable = own.filter((log) => log.problem === null);
  const name = 'access logs';
  if (logs.every((log) => log.problem !== null))
    return { name, state: 'bad', text: 'none can be read', check: 'access_log' };
  const text = `${new Set(readable.map((log) => log.vhost)).size} of ${new Set(own.map((log) => log.vhost)).size} vhosts`;
  return { name, state: readable.length === own.length ? 'ok' : 'warn', text, check: 'access_log' };
}

function denyHealth({ firewall }: Desk): HealthItem {
  const name = 'csf.deny';
  if (!firewall.readable)
    return { name, state: 'bad', text: firewall.problems[0]?.why ?? 'cannot be read', check: 'csf-files' };
  const limit = Number(firewall.conf.get('DENY_IP_LIMIT') ?? 0);
  const counted = firewall.deny.filter((entry) => !entry.included && !entry.doNotDelete).length;
  if (limit > 0 && counted >= limit * 0.9) {
    return {
      name,
      state: 'warn',
      text: `${counted} of ${limit} lines: the oldest block drops out soon`,
      check: 'csf-files',
    };
  }
  return {
    name,
    state: 'ok',
    text: limit > 0 ? `${counted} of ${limit} lines` : `${counted} lines`,
    check: 'csf-files',
  };
}
