// Acts on the firewall with something going wrong in most of them: what is said of each is held against csf's own files, read by
// the stand-in's kit and not by the product.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { firewallOrder } from '../../src/actions/firewall-plan.ts';
import { carryOutFirewall } from '../../src/actions/firewall-act.ts';
import { alarmOf, clearAlarm } from '../../src/actions/firewall-alarm.ts';
import type { FirewallRequest } from '../../src/actions/firewall-view.ts';
import { configOf } from '../../src/config.ts';
import { type OpenContext, openContext } from '../../src/context.ts';
import type { FirewallAct, FirewallActKind } from '../../src/model-firewall.ts';
import { type Random, random } from '../bench/random.ts';
import { csfServer, type CsfServer } from '../csf/kit.ts';
import { FAULTS, type FaultCase, NO_FAULT } from './firewall-faults.ts';
import { type Kept, keptNow, listed } from './firewall-look.ts';

/** One act and what came of it. */
export interface FirewallRun {
  readonly fault: string;
  readonly act: FirewallActKind;
  /** How it ended; `killed`: its process was. */
  readonly outcome: FirewallAct['state'] | 'not begun' | 'killed';
  /** In the product's words; empty for one that was killed. */
  readonly sentence: string;
  readonly problems: readonly string[];
}

const CHILD = join(import.meta.dirname, 'firewall-child.ts');
const ACTS: readonly FirewallActKind[] = [
  'unblock',
  'unblock',
  'unblock',
  'temp-allow',
  'allow',
  'disallow',
  'temp-block',
  'block',
];

interface Bed {
  readonly server: CsfServer;
  readonly state: string;
  readonly ctx: OpenContext;
  readonly rng: Random;
}

/** Runs so many acts; `report` is told after each. One in `killEvery` is done by a process of its own, which is killed. */
export async function runFirewall(
  seed: number,
  {
    runs,
    killEvery,
    atOnce = 1,
  }: { readonly runs: number; readonly killEvery: number; readonly atOnce?: number },
  report: (run: FirewallRun) => void,
): Promise<FirewallRun[]> {
  const rng = random(seed, 'firewall');
  const server = csfServer({ lists: startLists(), settings: { DENY_IP_LIMIT: '60' } });
  const state = mkdtempSync(join(tmpdir(), 'whyblocked-firewall-'));
  const open = (): OpenContext =>
    openContext({
      ...configOf(server.configFile),
      root: server.root,
      state,
      version: '0.0.0',
      env: { HOME: '/nonexistent' },
      warn: () => undefined,
    });
  const bed: Bed = { server, state, ctx: open(), rng };
  const done: FirewallRun[] = [];
  try {
    for (let index = 1; index <= runs; index += atOnce) {
      const isKilled = killEvery > 0 && index % killEvery === 0;
      const round = isKilled
        ? [await killedRun(bed)]
        : await together(bed, Math.min(atOnce, runs - index + 1));
      for (const run of round) {
        done.push(run);
        report(run);
      }
    }
    const overlapping = server.calls().filter(({ besides }) => besides.length > 0);
    const forced = server.calls().filter(({ end, facts }) => end === null && facts !== null);
    done.push({
      fault: 'all',
      act: 'unblock',
      outcome: 'done',
      sentence: '',
      problems: [
        ...overlapping.map(({ pid }) => `csf ${pid} began while another one ran`),
        ...forced.map(({ pid }) => `csf ${pid} was ended in the middle`),
        ...bed.ctx.store.firewall.acts.running().map(({ id }) => `act ${id} has no end`),
      ],
    });
  } finally {
    bed.ctx.close();
    server.close();
    rmSync(state, { recursive: true, force: true });
  }
  return done;
}

/** Addresses in each list, some in several, some covered by nets. */
function startLists(): Record<'deny' | 'allow' | 'ignore' | 'tempban' | 'tempallow', string> {
  const now = Math.floor(Date.now() / 1000);
  const line = (entry: string, words: string): string => `${entry} # ${words} - Sun Nov 22 13:00:15 2026`;
  const lfd = (address: string): string =>
    line(
      address,
      `lfd: (mod_security) mod_security (id:949110) triggered by ${address}: 5 in the last 3600 secs`,
    );
  const deny = [
    '# a list of csf',
    ...Array.from({ length: 30 }, (_, at) => lfd(`203.0.113.${at + 1}`)),
    line('203.0.113.200', 'abuser - do not delete'),
    line('198.51.100.128/26', 'by hand'),
    'tcp|in|d=80|s=203.0.113.90 # lfd: (mod_security) mod_security (id:949110) triggered by 203.0.113.90: 5 in the last 3600 secs',
    'tcp|in|d=443|s=203.0.113.90 # lfd: (mod_security) mod_security (id:949110) triggered by 203.0.113.90: 5 in the last 3600 secs',
    lfd('2001:db8:5::7'),
  ];
  const temp = (address: string, ports = ''): string =>
    `${now}|${address}|${ports}|in|86400|lfd - (mod_security) test`;
  return {
    deny: `${deny.join('\n')}\n`,
    allow: '203.0.113.150 # office\n',
    ignore: '203.0.113.160\n',
    tempban: `${[temp('203.0.113.41'), temp('203.0.113.42', '80,443'), temp('203.0.113.5')].join('\n')}\n`,
    tempallow: `${now}|203.0.113.151||inout|86400|office\n`,
  };
}

const NAMED = [
  '203.0.113.90',
  '203.0.113.200',
  '198.51.100.130',
  '203.0.113.150',
  '203.0.113.151',
  '203.0.113.160',
  '203.0.113.41',
  '203.0.113.42',
  '2001:db8:5::7',
  '198.51.100.128/26',
];

function requestOf({ rng }: Bed): FirewallRequest {
  const act = rng.pick(ACTS);
  // Mostly addresses with which there is something to be done.
  const isBlock = act === 'block' || act === 'temp-block';
  const usual = isBlock ? rng.int(100, 140) : rng.int(1, 32);
  const target = rng.chance(0.6) ? `203.0.113.${usual}` : rng.pick(NAMED);
  return {
    act,
    target,
    seconds: rng.chance(0.5) ? null : rng.int(60, 100_000),
    wholeNet: target.includes('/') || rng.chance(0.1),
    thenAllow: act === 'unblock' && rng.chance(0.2) ? 86_400 : null,
    incidentFrom: null,
  };
}

function pickFault({ rng }: Bed): FaultCase {
  return rng.chance(0.3) ? NO_FAULT : rng.pick(FAULTS);
}

/** Several acts asked for in the same moment, each with its own fault waiting. */
async function together(bed: Bed, count: number): Promise<FirewallRun[]> {
  const wishes = Array.from({ length: count }, () => ({ request: requestOf(bed), fault: pickFault(bed) }));
  const before = keptNow(bed.server);
  for (const { fault } of wishes) fault.set(bed.server);
  const ends = await Promise.all(wishes.map(({ request }) => attempt(bed, request)));
  const after = keptNow(bed.server);
  const runs = wishes.map(({ request, fault }, at) => {
    const end = ends[at]!;
    return {
      fault: fault.name,
      act: request.act,
      outcome: end.act?.state ?? ('not begun' as const),
      sentence: end.act?.sentence ?? end.refusal ?? '',
      problems: count > 1 ? ledgerProblems(bed, end) : problemsOf(bed, end, before, after),
    };
  });
  recover(bed);
  return runs;
}

interface Attempt {
  readonly act: FirewallAct | null;
  /** Why it was not begun. */
  readonly refusal: string | null;
  readonly unexpected: string | null;
}

async function attempt({ ctx }: Bed, request: FirewallRequest): Promise<Attempt> {
  try {
    const order = await firewallOrder(ctx, request, {
      who: 'root',
      address: null,
      reason: 'a fault is coming',
      typed: request.target,
      seen: null,
    });
    return { act: await carryOutFirewall(ctx, order), refusal: null, unexpected: null };
  } catch (error) {
    const { name, message } = error as Error;
    const isPlain = name === 'Refused' || name === 'BadInput';
    return { act: null, refusal: message, unexpected: isPlain ? null : `${name}: ${message}` };
  }
}

/** What is said of an act, held against csf's files. */
function problemsOf(bed: Bed, end: Attempt, before: Kept, after: Kept): string[] {
  const problems = ledgerProblems(bed, end);
  const { act } = end;
  if (act === null && !same(before, after)) problems.push('not begun, but the lists are not what they were');
  if (act?.state === 'done')
    for (const command of act.commands)
      if (!listed(after, command)) problems.push(`said done, but not shown: ${JSON.stringify(command)}`);
  if (act?.state === 'refused' && !same(before, after))
    problems.push('said refused, but the lists have changed');
  return problems;
}

function ledgerProblems({ ctx }: Bed, { act, unexpected }: Attempt): string[] {
  const problems = unexpected === null ? [] : [unexpected];
  if (act === null) return problems;
  const kept = ctx.store.firewall.acts.byId(act.id);
  if (kept?.state !== act.state) problems.push('the ledger says something else');
  if (act.state === 'failed' && alarmOf(ctx) === null && act.steps.every(({ ok }) => !ok))
    problems.push('failed without an alarm');
  if ((act.sentence ?? '') === '') problems.push('ended without a sentence');
  return problems;
}

function same(before: Kept, after: Kept): boolean {
  return JSON.stringify(before) === JSON.stringify(after);
}

/** An act in a process of its own, which is killed somewhere; the next act must find out what became of it. */
async function killedRun(bed: Bed): Promise<FirewallRun> {
  const { server, state, ctx, rng } = bed;
  const request = requestOf(bed);
  const fault = rng.chance(0.5) ? NO_FAULT : rng.pick(FAULTS);
  fault.set(server);
  const last = ctx.store.firewall.acts.newest(1)[0]?.id ?? 0;
  const child = spawn(
    process.execPath,
    [
      '--disable-warning=ExperimentalWarning',
      CHILD,
      server.root,
      server.configFile,
      state,
      JSON.stringify(request),
    ],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const ended = new Promise<void>((resolve) =>
    child.once('exit', () => {
      resolve();
    }),
  );
  // Its own start takes most of the time: counted from when it is ready.
  await new Promise<void>((resolve) => {
    child.stdout.once('data', () => {
      resolve();
    });
    child.once('exit', () => {
      resolve();
    });
  });
  await sleep(rng.int(0, 250));
  child.kill('SIGKILL');
  await ended;
  const { mendFirewall } = await import('../../src/actions/firewall-mend.ts');
  const release = await ctx.host.csf.lock(state, 60);
  const problems: string[] = release === null ? ['the lock of a killed process was not free'] : [];
  await mendFirewall(ctx);
  release?.();
  const after = keptNow(server);
  for (const act of ctx.store.firewall.acts.newest(5).filter(({ id }) => id > last)) {
    if (act.state === 'running') problems.push(`act ${act.id} has no end`);
    if (act.state === 'done')
      for (const command of act.commands)
        if (!listed(after, command)) problems.push(`said done, but not shown: ${JSON.stringify(command)}`);
  }
  recover(bed);
  return { fault: `killed, ${fault.name}`, act: request.act, outcome: 'killed', sentence: '', problems };
}

/** The admin's part: looks, mends, ends the alarm. The lists become what they were at times, and always when some are lost. */
function recover({ server, ctx, rng }: Bed): void {
  server.clearFaults();
  for (const name of ['csf.error', 'csf.disable'])
    rmSync(join(server.root, 'etc/csf', name), { force: true });
  server.set({ TESTING: '0' });
  const alarm = alarmOf(ctx);
  if (alarm !== null || rng.chance(0.1))
    for (const [name, text] of Object.entries(startLists())) server.write(name, text);
  if (alarm !== null) clearAlarm(ctx, 'looked at', { who: 'root', address: null });
}
