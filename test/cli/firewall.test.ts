// `firewall`, `unblock`, `allow`, `disallow` and `block` on the demo's server with the stand-in for csf: shown, asked, run, verified.
import { readdirSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { runCli } from '../../src/cli/program.ts';
import { configOf } from '../../src/config.ts';
import { openContext } from '../../src/context.ts';
import { unpackDemo } from '../../src/host/demo-root.ts';
import { cli, type CliAnswer, listing } from '../actions/kit.ts';
import { csfServer, type CsfServer } from '../csf/kit.ts';
import { tempDir } from '../host/make-root.ts';

/** Blocked in the demo for one form of a shop, by sqlmap, and by hand for good. */
const ALARM = '198.51.100.133';
const ATTACKER = '203.0.113.58';
const KEPT = '192.0.2.66';

let csf: CsfServer;
let at: string[] = [];
beforeAll(() => {
  const { root } = unpackDemo(join(tempDir(), 'demo'), Date.now());
  csf = csfServer({ root });
  at = ['--root', root, '--state', join(tempDir(), 'state')];
  age();
});
afterAll(() => {
  csf.close();
});

/** Lists that somebody has just written are read more than once. */
function age(): void {
  for (const folder of ['etc/csf', 'var/lib/csf'])
    for (const name of readdirSync(join(csf.root, folder)))
      utimesSync(join(csf.root, folder, name), 1e9, 1e9);
}

const say = (...args: string[]): Promise<CliAnswer> => cli([...args, ...at, '--config', csf.configFile]);
const flat = (text: string): string => text.replaceAll(/\s+/g, ' ');

async function json(...args: string[]): Promise<{ code: number; value: Record<string, unknown> }> {
  const { code, out } = await say(...args, '--json');
  return { code, value: JSON.parse(out) as Record<string, unknown> };
}

/** The same at a terminal where such lines are typed. */
function typing(answers: readonly string[], ...args: string[]): Promise<CliAnswer & { asked: string[] }> {
  return typingFrom(null, () => undefined, answers, args);
}

/** From an address; `think`: what happens before an answer. */
async function typingFrom(
  address: string | null,
  think: () => void,
  answers: readonly string[],
  args: readonly string[],
): Promise<CliAnswer & { asked: string[] }> {
  let out = '';
  const asked: string[] = [];
  const write = (text: string): void => {
    out += text;
  };
  const none = (): Promise<never> => Promise.reject(new Error('not here'));
  const code = await runCli([...args, ...at, '--config', csf.configFile], {
    version: '0.0.0',
    output: { colour: false, width: 100, write, note: write },
    ...{
      readStdin: none,
      indexLogs: none,
      search: none,
      serve: none,
      login: none,
      demo: none,
      sendTrial: none,
    },
    isDamage: () => false,
    ask: (question) => {
      asked.push(question);
      think();
      return Promise.resolve(answers[asked.length - 1] ?? '');
    },
    author: 'root',
    address,
    openContext: ({ root, state }) =>
      Promise.resolve(
        openContext({
          ...configOf(csf.configFile),
          ...{ root, state, version: '0.0.0', env: { HOME: '/nonexistent' }, warn: () => undefined },
        }),
      ),
  });
  return { code, out, err: '', asked };
}

describe('lists', () => {
  test('what is denied, why, until when, and what of it was an attack', async () => {
    const { code, out } = await say('firewall');
    const text = flat(out);
    expect(code).toBe(0);
    for (const part of [
      '36 addresses are denied: 34 permanently, 2 for a while.',
      'csf.deny keeps 30 lines (DENY_IP_LIMIT) and is full',
      `${ATTACKER} permanent, since `,
      '10 refusals by ModSecurity within an hour (LF_MODSEC; all ports, both ways); Almost certainly an attack tool',
      'Written by hand: “mail abuse, ticket 2231 - do not delete” (all ports, both ways; kept when the list is trimmed)',
      '203.0.113.224/28 permanent, 16 addresses, since ',
    ])
      expect(text).toContain(part);
  });

  test('one kind, a text, a page; as JSON', async () => {
    const { value } = await json('firewall', '--kind', 'nets', '--find', '203.0.113.230', '--page', '9');
    expect(value).toMatchObject({
      rows: [{ entry: '203.0.113.224/28', list: 'deny', kind: 'nets', isKept: true, size: '16 addresses' }],
      counts: { nets: 1 },
      permanent: 34,
      temporary: 2,
      page: 1,
      pages: 1,
      matching: 1,
      alarm: null,
      problems: [],
    });
  });

  test('where one address stands', async () => {
    const { out } = await say('firewall', '203.0.113.230');
    expect(flat(out)).toContain('csf blocks 203.0.113.230. WHERE 203.0.113.224/28 in csf.deny, permanent');
    const { value } = await json('firewall', ATTACKER);
    expect(value).toMatchObject({ address: ATTACKER, blocked: true, places: [{ kind: 'deny' }] });
    const free = flat((await say('firewall', '192.0.2.99')).out);
    expect(free).toContain('csf does not block 192.0.2.99. WHERE in no list of csf that was read ELSEWHERE');
  });
});

test('explain names the command that undoes a block', async () => {
  expect((await say('explain', ALARM)).out).toContain(`NEXT       whyblocked unblock ${ALARM} --reason TEXT`);
  expect((await say('explain', ATTACKER)).out).toContain(
    'NEXT       Nothing to do. If it must be: whyblocked',
  );
  expect((await say('explain', '198.51.100.163')).out).not.toContain('NEXT ');
});

test('without --yes and without a terminal it is a dry run, with the fix and what comes again', async () => {
  const before = csf.read('deny');
  const { code, out } = await say('unblock', ALARM);
  const text = flat(out);
  expect(code).toBe(0);
  for (const part of [
    `Unblock ${ALARM}? Very probably a false alarm`,
    `COMMANDS csf -dr ${ALARM}`,
    `WHERE ${ALARM} in csf.deny, permanent`,
    'AGAIN The same requests would have it blocked again at the 10th refusal within an hour',
    'FIX Rule 942190 stopped it at REQUEST_COOKIES:shop_consent on shop.example.com.',
    'whyblocked preview --vhost shop.example.com --rule 942190 --target REQUEST_COOKIES:shop_consent --path /cart.php',
    'Nothing was changed: this is a dry run. Add --reason TEXT and --yes to do it.',
  ])
    expect(text).toContain(part);
  expect((await json('unblock', ALARM)).value).toMatchObject({ done: false, act: null });
  const attack = flat((await say('unblock', ATTACKER)).out);
  expect(attack).toContain(`and --yes and --typed ${ATTACKER} to do it.`);
  expect([csf.calls(), csf.read('deny')]).toEqual([[], before]);
});

describe('wrong usage is 2, what is refused is 1, and csf is not run', () => {
  test.each([
    ['no address', ['unblock', 'why'], 2, /“why” is no address and no net/],
    ['no address to look for', ['firewall', 'why'], 2, /“why” is no address and no net/],
    ['an unknown kind', ['firewall', '--kind', 'bad'], 2, /Allowed choices are all, waf/],
    ['no page', ['firewall', '--page', '0'], 2, /Give a number from 1 on/],
    ['no time', ['block', '203.0.113.9', '--for', 'long'], 2, /Give a number and s, m, h or d/],
    ['too short a time', ['block', '203.0.113.9', '--for', '5s'], 2, /between a minute and a year/],
    ['no reason', ['unblock', ALARM, '--yes'], 2, /Say why with --reason TEXT/],
    ['not typed', ['unblock', ATTACKER, '--yes', '--reason', 'x'], 2, /this needs --typed 203\.0\.113\.58/],
    [
      'wrongly typed',
      ['unblock', ATTACKER, '--yes', '--reason', 'x', '--typed', ALARM],
      2,
      /type 203\.0\.113\.58 to confirm/,
    ],
    [
      'not blocked',
      ['unblock', '192.0.2.99', '--yes', '--reason', 'x'],
      1,
      /csf does not block 192\.0\.2\.99/,
    ],
    ['blocked already', ['block', ATTACKER, '--for', 'ever'], 1, /is blocked already/],
    ['not allowed', ['disallow', ATTACKER], 1, /is in no list of allowed addresses/],
    ['no alarm', ['firewall', '--end-alarm', '--reason', 'x'], 1, /There is no alarm/],
    ['an alarm ended without a reason', ['firewall', '--end-alarm'], 2, /Say what you found with --reason/],
  ] as const)('%s', async (_name, args, code, words) => {
    const answer = await say(...args);
    expect([answer.code, csf.calls()]).toEqual([code, []]);
    expect(flat(answer.out + answer.err)).toMatch(words);
  });
});

test('what csf keeps, and a net, is not taken out but let in', async () => {
  const steps = async (...args: string[]): Promise<unknown> => (await json(...args)).value.plan;
  expect(await steps('unblock', KEPT)).toMatchObject({
    steps: [{ shown: expect.stringMatching(/^csf -ta 192\.0\.2\.66 86400 /) }],
  });
  expect(await steps('allow', '203.0.113.9', '--for', 'ever')).toMatchObject({
    steps: [{ shown: expect.stringMatching(/^csf -a 203\.0\.113\.9 /) }],
    typed: null,
  });
  expect(await steps('block', '203.0.113.9', '--for', '7d')).toMatchObject({
    steps: [{ shown: expect.stringMatching(/^csf -td 203\.0\.113\.9 604800 /) }],
  });
});

test('with --yes it is done, and csf’s files show it', async () => {
  const { code, out, err } = await say('unblock', ALARM, '--reason', 'cookie rule is off -p 22', '--yes');
  expect([code, csf.calls().map(({ facts }) => facts?.argv)]).toEqual([0, [['-dr', ALARM]]]);
  expect(csf.entries('deny')).not.toContain(ALARM);
  expect(flat(out)).toContain(`✓ csf -dr ${ALARM} csf said: “Removing rule...”. Its files show it.`);
  expect(out.trimEnd().endsWith(`csf does not block ${ALARM} now.`)).toBe(true);
  expect(err).toContain(`Running csf -dr ${ALARM}`);
  expect((await say('activity')).out).toContain(`csf -dr ${ALARM} (act 1): cookie rule is off -p 22  done`);
}, 15_000);

test('at a terminal an attacker’s address is typed; anything else changes nothing', async () => {
  const before = csf.calls().length;
  const no = await typing(['y'], 'unblock', ATTACKER, '--reason', 'x');
  expect([no.code, no.asked]).toEqual([0, [`Type ${ATTACKER} to do it: `]]);
  expect(no.out.endsWith('Nothing was changed.\n')).toBe(true);
  const never = await typing(['n'], 'block', '203.0.113.9', '--reason', 'x');
  expect(never.asked).toEqual(['Block 203.0.113.9 for a while? [y/N] ']);
  expect(csf.calls()).toHaveLength(before);
  const done = await typing([ATTACKER], 'unblock', ATTACKER, '--reason', 'x');
  expect([done.code, csf.entries('deny').includes(ATTACKER)]).toEqual([0, false]);
}, 15_000);

test('what is run at a terminal is what was shown, however long somebody thought it over', async () => {
  const before = csf.calls().length;
  const think = (): void => {
    csf.write('deny', `${csf.read('deny') ?? ''}203.0.112.0/22 # by hand meanwhile\n`);
  };
  const { code, out } = await typingFrom(null, think, ['y'], ['unblock', '203.0.113.24', '--reason', 'x']);
  expect([code, csf.calls().length]).toEqual([1, before]);
  expect(flat(out)).toContain('not what they were when the act was shown');
  csf.write('deny', (csf.read('deny') ?? '').replace(/^203\.0\.112\.0\/22 .*\n/m, ''));
}, 15_000);

test('nobody blocks the address from which he is connected', async () => {
  const { code, out } = await typingFrom('203.0.113.9', () => undefined, ['y'], ['block', '203.0.113.9']);
  expect(code).toBe(1);
  expect(flat(out)).toContain('You are connected from 203.0.113.9');
});

test('what csf says it did but did not raises the alarm; nothing more is done until that is ended', async () => {
  csf.fault({ kind: 'unwritten' });
  const { code, value } = await json('block', '203.0.113.9', '--reason', 'x', '--yes');
  expect([code, value.done]).toEqual([1, false]);
  expect(value.act).toMatchObject({ state: 'failed', act: 'temp-block', target: '203.0.113.9' });
  const refused = await say('block', '203.0.113.9', '--reason', 'x', '--yes');
  expect(refused.code).toBe(1);
  expect(flat(refused.out)).toContain('end the alarm first');
  expect((await say('firewall')).out).toContain('ALARM');
  const ended = await json('firewall', '--end-alarm', '--reason', 'looked at csf.tempban');
  expect([ended.code, ended.value.done]).toEqual([0, true]);
  expect((await say('block', '203.0.113.9')).out).toContain('this is a dry run');
}, 20_000);

test('a copied server without a csf of its own: the commands are shown, and nothing is changed', async () => {
  // Lists that somebody has just written are read more than once.
  for (const folder of ['etc/csf', 'var/lib/csf'])
    for (const name of readdirSync(join(csf.root, folder)))
      utimesSync(join(csf.root, folder, name), 1e9, 1e9);
  const files = listing(csf.root);
  const { code, out } = await cli(['unblock', '203.0.113.24', '--reason', 'x', '--yes', ...at]);
  expect(code).toBe(1);
  expect(flat(out)).toContain('COMMANDS csf -dr 203.0.113.24');
  expect(flat(out)).toContain('This is a copied server: nothing is changed');
  expect(listing(csf.root)).toEqual(files);
});
