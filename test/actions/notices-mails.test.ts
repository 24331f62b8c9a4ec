// The 40 mails of a real lfd, its log, its lists and its hook calls tell of the same blocks: each is one notice, and leads to one incident.
import { mkdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { explainAt, openDesk } from '../../src/actions/explain.ts';
import type { Explanation } from '../../src/actions/explanation.ts';
import { gatherNotices } from '../../src/actions/notices.ts';
import { refresh } from '../../src/actions/refresh.ts';
import type { OpenContext } from '../../src/context.ts';
import { spoolFolder } from '../../src/host/block-spool.ts';
import type { Notice } from '../../src/model-firewall.ts';
import { makeServer, tempDir } from '../host/make-root.ts';
import { open } from './kit.ts';

interface Block {
  readonly address: string;
  readonly trigger: string;
  readonly permanent: boolean;
  /** Seconds of the time: the hook is called up to a second after lfd.log's line. */
  readonly at: string;
}

interface Incident {
  readonly client: string;
  readonly from: string;
  readonly requests: number;
}

interface Row {
  readonly mail: string;
  /** The notices of the blocks that the mail tells of. */
  readonly notices: readonly Block[];
  /** The incidents behind it; none, and why. */
  readonly incidents: readonly Incident[];
  readonly none?: string;
}

interface MailFacts {
  readonly file: string;
}

const RECORDED = new URL('./notices/', import.meta.url);
const MAILS = new URL('../mails/', import.meta.url);
const read = (name: string, folder = RECORDED): string => readFileSync(new URL(name, folder), 'latin1');
const table = JSON.parse(read('table.json')) as Row[];
const mails = JSON.parse(read('expected.json', MAILS)) as MailFacts[];
const calls = JSON.parse(read('calls.json')) as { at: string; args: string[] }[];
const opened: OpenContext[] = [];
const START = '2026-11-22T12:58:00Z';
const END = Date.parse('2026-11-22T13:20:00Z');

afterAll(() => {
  for (const ctx of opened) ctx.close();
});

/** A server with those recordings that are told by name, and its notices. */
async function serverOf(sources: readonly ('lfd.log' | 'hook' | 'lists')[]): Promise<OpenContext> {
  const root = makeServer();
  root.write('/etc/hostname', 'server.example.com\n');
  root.write('/var/log/apache2/error_log', read('error_log'));
  const state = join(tempDir(), 'state');
  const ctx = open({ root: root.dir, state });
  opened.push(ctx);
  const gather = async (now: number): Promise<number> =>
    gatherNotices(ctx, { ...(await refresh(ctx)).clock, now });
  await gather(Date.parse(START));
  if (sources.includes('lfd.log')) root.write('/var/log/lfd.log', read('lfd.log'));
  if (sources.includes('lists')) {
    root.write('/etc/csf/csf.deny', read('csf.deny'));
    root.write('/var/lib/csf/csf.tempban', read('csf.tempban'));
  }
  if (sources.includes('hook')) leaveCalls(state);
  await gather(END);
  expect(await gather(END)).toBe(0);
  return ctx;
}

function leaveCalls(state: string): void {
  const folder = spoolFolder(state);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  for (const [index, { at, args }] of calls.entries()) {
    const file = join(folder, `${index}.args`);
    writeFileSync(file, `whyblocked-block 1 ${args.length}\n${args.map((arg) => `${arg}\0`).join('')}`, {
      encoding: 'latin1',
      mode: 0o600,
    });
    utimesSync(file, Date.parse(at) / 1000, Date.parse(at) / 1000);
  }
}

function noticesOf(ctx: OpenContext): Notice[] {
  return ctx.store.firewall.notices.since(0, 1000).sort((a, b) => a.at - b.at || a.id - b.id);
}

/** What of a notice does not depend on its source. */
const blockOf = ({ address, trigger, permanent, at }: Notice): Block => ({
  address: address ?? '',
  trigger: trigger ?? '',
  permanent: permanent === true,
  at: new Date(at).toISOString().slice(0, 19),
});

const sameBlock = (one: Block, other: Block): boolean =>
  one.address === other.address &&
  one.trigger === other.trigger &&
  one.permanent === other.permanent &&
  Math.abs(Date.parse(`${one.at}Z`) - Date.parse(`${other.at}Z`)) <= 1000;

/** The blocks of the table, each once: several mails may tell of one. */
const blocks = table
  .flatMap(({ notices }) => notices)
  .filter((one, index, all) => all.findIndex((other) => sameBlock(one, other)) === index);

const incidentsOf = ({ incident, incidents }: Explanation): Incident[] =>
  [...(incident === null ? [] : [incident]), ...incidents]
    .map(({ client, from, requests }) => ({ client, from, requests }))
    .sort((a, b) => a.client.localeCompare(b.client));

test('the table has every mail, and says why where there is no incident', () => {
  expect(table.map(({ mail }) => mail)).toEqual(mails.map(({ file }) => file));
  for (const { notices, incidents, none } of table) {
    expect(notices.length).toBeGreaterThan(0);
    expect(none === undefined).toBe(incidents.length > 0);
  }
});

describe.each([
  ['lfd.log', ['lfd.log']],
  ['the hook', ['hook']],
  ['both and csf’s lists', ['lfd.log', 'hook', 'lists']],
] as const)('from %s', (_, sources) => {
  let notices: Notice[];
  beforeAll(async () => {
    notices = noticesOf(await serverOf(sources));
  });

  test('each block of the mails is one notice, and there is no other', () => {
    expect(notices).toHaveLength(blocks.length);
    for (const block of blocks)
      expect([block, notices.filter((one) => sameBlock(blockOf(one), block)).length]).toEqual([block, 1]);
  });

  test('the notices know where they were heard of', () => {
    const heard = new Set(notices.flatMap((one) => one.sources));
    const named = sources.flatMap((one) => (one === 'lists' ? ['csf.deny', 'csf.tempban'] : [one]));
    expect([...heard].sort()).toEqual([...named].sort());
    const isHook = (sources as readonly string[]).includes('hook');
    expect(notices.some(({ lines }) => lines !== null)).toBe(isHook);
  });
});

test('csf’s lists alone tell of those blocks that still stand there, and of none besides', async () => {
  const notices = noticesOf(await serverOf(['lists']));
  expect(notices.length).toBeGreaterThan(20);
  for (const one of notices) expect(blocks.filter((block) => sameBlock(blockOf(one), block))).toHaveLength(1);
});

test('each mail, and each notice of it, leads to the incident of the table', async () => {
  const ctx = await serverOf(['lfd.log', 'hook', 'lists']);
  const desk = await openDesk(ctx, await refresh(ctx), { most: 1, raw: false });
  const found: unknown[] = [];
  const about = new Map<string, Incident[]>();
  for (const { mail, notices } of table) {
    for (const { address } of notices)
      if (!about.has(address)) about.set(address, incidentsOf(await explainAt(desk, address)));
    found.push({ mail, incidents: incidentsOf(await explainAt(desk, read(mail, MAILS))) });
  }
  expect(found).toEqual(table.map(({ mail, incidents }) => ({ mail, incidents })));
  for (const { notices, incidents } of table) {
    const led = notices.flatMap(({ address }) => about.get(address) ?? []);
    // A mail about one address of a net that was blocked as a whole: the net's notice leads to all of them.
    expect(led).toEqual(expect.arrayContaining([...incidents]));
    if (!notices.some(({ address }) => address.includes('/'))) expect(led).toEqual(incidents);
  }
});
