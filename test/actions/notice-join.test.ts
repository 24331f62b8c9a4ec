// Which block it is that is heard of again.
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { joinable, sentenceOf } from '../../src/actions/notice-join.ts';
import type { NewNotice, Notice, NoticeSource } from '../../src/model-firewall.ts';

const SAID = '(mod_security) mod_security (id:949110) triggered by 203.0.113.9 (-): 5 in the last 3600 secs';
const told = (source: NoticeSource, at: number, more: Partial<NewNotice> = {}): NewNotice => ({
  ...{ address: '203.0.113.9', at, trigger: 'LF_MODSEC', permanent: true, seconds: null, ports: null },
  ...{ message: SAID, lines: null, source },
  ...more,
});
const kept = (
  id: number,
  at: number,
  sources: readonly NoticeSource[],
  more: Partial<Notice> = {},
): Notice => {
  const { address, trigger, permanent, seconds, ports, message, lines } = told('hook', at);
  return {
    id,
    address,
    at,
    trigger,
    permanent,
    seconds,
    ports,
    message,
    lines,
    sources,
    state: 'waiting',
    why: null,
    ...more,
  };
};

describe('joinable', () => {
  test.each([
    ['another source within a minute', told('hook', 60_000), true],
    ['another source after more than a minute', told('hook', 60_001), false],
    ['the same source', told('lfd.log', 0), false],
    ['another sentence of the same trigger', told('hook', 0, { message: 'x' }), true],
    ['the same sentence with another tag', told('hook', 0, { trigger: 'LF_TRIGGER' }), true],
    ['another sentence and trigger', told('hook', 0, { message: 'x', trigger: 'LF_SSHD' }), false],
    ['another sentence without a trigger', told('csf.deny', 0, { message: 'x', trigger: null }), true],
    ['a summed block', told('hook', 0, { message: 'x', trigger: 'LF_PERMBLOCK' }), false],
    ['a summed block with the same words', told('hook', 0, { trigger: 'LF_NETBLOCK' }), false],
    [
      'a sentence with other blanks and quotes',
      told('hook', 0, { message: `"${SAID.replace(' ', '  ')}"`, trigger: 'LF_TRIGGER' }),
      true,
    ],
  ])('%s', (_, one, expected) => {
    expect(joinable([kept(1, 0, ['lfd.log'])], one) !== null).toBe(expected);
  });

  test('the same sentence counts more than time, then the nearest', () => {
    const other = kept(1, 1000, ['lfd.log'], { message: 'x' });
    const far = kept(2, 20_000, ['lfd.log']);
    const near = kept(3, 10_000, ['lfd.log']);
    expect(joinable([other, far, near], told('hook', 1000))?.id).toBe(3);
    expect(joinable([other], told('hook', 1000))?.id).toBe(1);
    expect(joinable([], told('hook', 1000))).toBeNull();
  });

  test('a further port of a permanent block is of the same source', () => {
    const known = kept(1, 0, ['lfd.log'], { ports: '80' });
    expect(joinable([known], told('lfd.log', 0, { ports: '443' }))?.id).toBe(1);
    expect(joinable([known], told('lfd.log', 0, { ports: '443', permanent: false }))).toBeNull();
    expect(joinable([known], told('lfd.log', 0, { ports: '443', message: 'x' }))).toBeNull();
    expect(joinable([known], told('lfd.log', 0))).toBeNull();
  });
});

test('what lfd.log puts behind a sentence is no part of it', () => {
  for (const end of [
    ' - *Blocked in csf* [LF_MODSEC]',
    ' - *Blocked in csf* port=80 [LF_MODSEC]',
    ' - *Blocked in csf* for 6 secs [LF_MODSEC]',
  ])
    expect(sentenceOf(SAID + end)).toBe(SAID);
  expect(sentenceOf(`a - *b (host - *x* y) c`)).toBe('a - *b (host');
  expect(sentenceOf('a - b')).toBe('a - b');
  expect(sentenceOf(`x${' - *'.repeat(10_000)}`).length).toBeLessThanOrEqual(2000);
});

/** What the table of notices does with it. */
function keep(notices: Notice[], one: NewNotice): void {
  const known = joinable(notices, one);
  if (known === null) notices.push(kept(notices.length + 1, one.at, [one.source], { ...one }));
  else
    notices[known.id - 1] = {
      ...known,
      sources: [...known.sources, one.source],
      ports: known.ports ?? one.ports,
    };
}

test('whatever sources work: as many notices as blocks of one address, each in its time', () => {
  const block = fc.record({
    // lfd looks every 5 s, and a temporary block must end first; a permanent one must be taken back by somebody.
    gap: fc.integer({ min: 6000, max: 40_000 }),
    lag: fc.integer({ min: 0, max: 2500 }),
    kind: fc.constantFrom('permanent', 'ports', 'temporary', 'summed'),
  });
  const sources = fc.subarray(['lfd.log', 'hook', 'list'], { minLength: 1 });
  fc.assert(
    fc.property(
      fc.array(block, { minLength: 1, maxLength: 12 }),
      sources,
      fc.integer({ min: 500, max: 20_000 }),
      (blocks, working, pause) => {
        let at = 0;
        let isPermanent = false;
        const tellings = blocks.flatMap(({ gap, lag, kind }) => {
          at += gap + (isPermanent ? 65_000 : 0);
          const isTemporary = kind === 'temporary';
          isPermanent = !isTemporary && kind !== 'summed';
          const about: Partial<NewNotice> = {
            permanent: !isTemporary,
            ...(kind === 'summed' ? { trigger: 'LF_PERMBLOCK', message: 'summed' } : {}),
          };
          const ports = kind === 'ports' ? ['80', '443'] : [null];
          const logged = Math.floor((at + lag) / 1000) * 1000;
          const list = isTemporary ? 'csf.tempban' : 'csf.deny';
          return [
            {
              from: 'lfd.log',
              when: at + lag,
              all: ports.map((port) => told('lfd.log', logged, { ...about, ports: port })),
            },
            {
              from: 'hook',
              when: at + lag,
              all: [told('hook', at + lag + 50, { ...about, ports: kind === 'ports' ? '80,443' : null })],
            },
            {
              from: 'list',
              when: at + 5000,
              all: ports.map((port) => told(list, Math.floor(at / 1000) * 1000, { ...about, ports: port })),
            },
          ].filter(({ from }) => working.includes(from));
        });
        const notices: Notice[] = [];
        for (let now = 0; now < at + 30_000; now += pause)
          for (const source of ['lfd.log', 'hook', 'list'])
            for (const { all } of tellings.filter(
              ({ from, when }) => from === source && when > now - pause && when <= now,
            ))
              for (const one of all) keep(notices, one);
        expect(notices).toHaveLength(blocks.length);
      },
    ),
    { numRuns: 300 },
  );
});
