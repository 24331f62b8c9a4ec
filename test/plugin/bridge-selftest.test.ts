// What the bridge tells the self-test of its environment: names and a few facts, never a value, and nobody else.
import { describe, expect, test } from '@jest/globals';
import { run, withBridge } from './bridge-kit.ts';
import { cpsrvdMissing, PLANTED, TOKEN } from './cpsrvd.ts';

const missing = cpsrvdMissing();
if (missing.length > 0) console.warn(`SKIPPED: the bridge and the self-test need ${missing.join(', ')}`);
const suite = missing.length === 0 ? describe : describe.skip;

const heardFor = (query: string, env: Readonly<Record<string, string>> = {}): Promise<string> =>
  withBridge({}, async (bridge) => {
    const service = await bridge.service();
    await run(bridge, { QUERY_STRING: query, ...env });
    return service.requests[0]?.raw ?? '';
  });

suite('the self-test', () => {
  test('is told the names, without values', async () => {
    const raw = await heardFor('p=/doctor', {
      'BAD NAME': 'x',
      SCRIPT_NAME: `${TOKEN}/cgi/whyblocked/index.cgi`,
    });
    const names = /^X-WB-Env: (.*)\r$/m.exec(raw)?.[1]?.split(',') ?? [];
    for (const name of ['REMOTE_USER', 'cp_security_token', 'REMOTE_PASSWORD', 'HTTP_COOKIE'])
      expect(names).toContain(name);
    expect(names).not.toContain('BAD NAME');
    for (const secret of Object.values(PLANTED)) expect(raw).not.toContain(secret);
    expect(raw).toMatch(/^X-WB-Facts: script=cpsess\r$/m);
  });

  test('and whether the session’s part stands in the addresses, and PATH_INFO works', async () => {
    const raw = await heardFor('p=/doctor/dot', {
      SCRIPT_NAME: '/cgi/whyblocked/index.cgi',
      REQUEST_URI: `${TOKEN}/cgi/whyblocked/index.cgi/path-info?p=/doctor/dot`,
      PATH_INFO: '/path-info',
    });
    expect(raw).toMatch(/^X-WB-Facts: script=plain,uri=cpsess,path-info=works\r$/m);
  });

  test('hostile names and many of them stay within one header', async () => {
    const env = Object.fromEntries(Array.from({ length: 300 }, (_, nth) => [`A_${nth}`, 'v']));
    const raw = await heardFor('p=/doctor&came=slow', { ...env, 'X\r\nX-WB-Root': '1', 'A,B': '1' });
    const names = /^X-WB-Env: (.*)\r$/m.exec(raw)?.[1]?.split(',') ?? [];
    expect(names).toHaveLength(80);
    expect(raw.split('X-WB-Root')).toHaveLength(2);
  });

  test.each(['', 'p=/', 'p=/doctors', 'p=/search&q=p=/doctor', 'q=1&p=/doctor'])(
    '%j is told nothing',
    async (query) => {
      expect(await heardFor(query)).not.toMatch(/X-WB-(?:Env|Facts)/);
    },
  );
});
