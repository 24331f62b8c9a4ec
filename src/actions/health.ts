// The log-health strip: how the reading stands, then each source in few words, with the check that tells more.
import type { Desk } from './desk.ts';
import { alarmOf } from './firewall-alarm.ts';
import type { HealthItem } from './inbox-view.ts';
import { NOT_READ_YET, readStateHealth } from './read-state.ts';
import { lookAtSources, type SourceLook, type SourceName } from './source-looks.ts';
import { sourceState } from './source-state.ts';

const NAMES: Readonly<Partial<Record<SourceName, string>>> = {
  error_log: 'error_log',
  nginx_error_log: 'nginx error log',
  audit_log: 'audit log',
  lfd_log: 'lfd.log',
  login_logs: 'logs of logins',
};

/** One item a source, in reading order; before them what stops the reading of them all. */
export function healthOf({ ctx, clock, report, firewall }: Desk): HealthItem[] {
  const state = ctx.reader?.() ?? { ...NOT_READ_YET, at: clock.now };
  const looks = lookAtSources(ctx, report.problems);
  const hasNginx = looks.some(({ name }) => name === 'nginx_error_log');
  const items = looks.flatMap((look): HealthItem[] => {
    const name = NAMES[look.name];
    if (name === undefined) return [];
    const { is, tone, text } = sourceState(look, clock.now, state.at === null);
    // Not every server has these, and on one of nginx alone Apache writes nothing.
    const mayLack = look.name === 'login_logs' || (look.name === 'error_log' && hasNginx);
    return [{ name, state: is === 'missing' && mayLack ? 'off' : tone, text, check: look.name }];
  });
  return [
    ...readStateHealth(state),
    ...alarmHealth(ctx),
    ...items,
    ...accessHealth(looks),
    denyHealth(firewall),
  ];
}

/** An act on the firewall that went wrong: nothing more is done there until somebody has looked. */
function alarmHealth(ctx: Desk['ctx']): HealthItem[] {
  const alarm = alarmOf(ctx);
  if (alarm === null) return [];
  const text = 'an act went wrong; the page Firewall says what to look at';
  return [{ name: 'firewall', state: 'bad', text, check: null }];
}

/** All access logs in one item: how many vhosts have one that can be read. */
function accessHealth(looks: readonly SourceLook[]): HealthItem[] {
  const name = 'access logs';
  const kinds = looks.filter((look) => look.name.endsWith('access_log') || look.name === 'domlogs');
  const logs = kinds.flatMap(({ current }) => current.map(({ log }) => log));
  const check = 'domlogs';
  if (logs.length === 0) return [{ name, state: 'bad', text: 'not found', check }];
  if (logs.every(({ problem }) => problem !== null))
    return [{ name, state: 'bad', text: logs[0]?.problem ?? '', check }];
  const own = logs.filter(({ vhost }) => vhost !== null);
  const readable = own.filter(({ problem }) => problem === null);
  const vhosts = (some: typeof own): number => new Set(some.map(({ vhost }) => vhost)).size;
  const text = `of ${vhosts(readable)} of ${vhosts(own)} vhosts`;
  return [{ name, state: readable.length === own.length ? 'ok' : 'warn', text, check }];
}

function denyHealth(firewall: Desk['firewall']): HealthItem {
  const name = 'csf.deny';
  const check = 'csf-deny';
  if (!firewall.readable)
    return { name, state: 'bad', text: firewall.problems[0]?.why ?? 'cannot be read', check };
  const limit = Number(firewall.conf.get('DENY_IP_LIMIT') ?? 0);
  const counted = firewall.deny.filter((entry) => !entry.included && !entry.doNotDelete).length;
  if (limit > 0 && counted >= limit * 0.9) {
    return {
      name,
      state: 'warn',
      text: `${counted} of ${limit} lines: the oldest block drops out soon`,
      check,
    };
  }
  return { name, state: 'ok', text: limit > 0 ? `${counted} of ${limit} lines` : `${counted} lines`, check };
}
