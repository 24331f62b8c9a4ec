// The eight arguments of a call of csf's BLOCK_REPORT.
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseHookArgs } from '../../src/parse/hook-args.ts';

const SAID = '(mod_security) mod_security (id:949110) triggered by 203.0.113.51: 5 in the last 3600 secs';
const CALL = ['203.0.113.51', '*', '1', 'inout', '1', SAID, 'one\ntwo\n', 'LF_MODSEC'];

function call(changes: Readonly<Record<number, string>>): string[] {
  return CALL.map((arg, index) => changes[index] ?? arg);
}

describe('what lfd gives', () => {
  test('a permanent block: its fifth argument is a setting, no time', () => {
    expect(parseHookArgs(CALL)).toEqual({
      address: '203.0.113.51',
      ports: null,
      permanent: true,
      direction: 'inout',
      seconds: null,
      text: SAID,
      message: expect.objectContaining({ trigger: 'LF_MODSEC', ruleId: '949110', count: 5 }) as unknown,
      lines: ['one', 'two'],
      trigger: 'LF_MODSEC',
    });
  });

  test.each([
    ['a temporary one', { 2: '0', 4: '900' }, { permanent: false, seconds: 900 }],
    ['one of two ports', { 1: '80,443', 3: 'in' }, { ports: '80,443', direction: 'in' }],
    ['of one protocol', { 1: '53;udp' }, { ports: '53;udp' }],
    ['no ports are all', { 1: '' }, { ports: null }],
    ['a summed one', { 7: 'LF_PERMBLOCK_COUNT', 6: ' ' }, { trigger: 'LF_PERMBLOCK', lines: [] }],
    [
      'of a net',
      { 0: '198.51.100.9/24', 7: 'LF_NETBLOCK_COUNT' },
      { address: '198.51.100.0/24', trigger: 'LF_NETBLOCK' },
    ],
    ['of IPv6', { 0: '2001:0DB8:5::0007' }, { address: '2001:db8:5::7' }],
    ['an admin’s own trigger', { 7: 'LF_CUSTOMTRIGGER' }, { trigger: 'LF_CUSTOMTRIGGER' }],
    ['an odd code: the sentence tells', { 7: 'lf modsec' }, { trigger: 'LF_MODSEC' }],
    ['neither tells', { 7: '', 5: 'x' }, { trigger: null, message: null, text: 'x' }],
    ['UTF-8 in a line', { 6: 'caf\xc3\xa9\r\n\r\n\xff' }, { lines: ['café', '\ufffd'] }],
    ['a sentence in pieces', { 5: 'a\nb' }, { text: 'a b' }],
  ])('%s', (_, changes, expected) => {
    expect(parseHookArgs(call(changes))).toMatchObject(expected);
  });
});

describe('what it never gives is no call', () => {
  test.each([
    ['no address', { 0: 'shop.example.com' }],
    ['an address with a port', { 0: '203.0.113.51:80' }],
    ['a net that is none', { 0: '203.0.113.0/33' }],
    ['neither permanent nor temporary', { 2: 'yes' }],
    ['no direction', { 3: 'inward' }],
    ['no seconds', { 4: '-5' }],
    ['ports with a blank', { 1: '80 -j ACCEPT' }],
  ])('%s', (_, changes) => {
    expect(parseHookArgs(call(changes))).toBeNull();
  });

  test('more or fewer than eight', () => {
    for (const args of [[], CALL.slice(1), [...CALL, '']]) expect(parseHookArgs(args)).toBeNull();
  });
});

describe('hostile arguments', () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 300 }).map((some) => Buffer.from(some).toString('latin1')),
    fc.string({ unit: 'grapheme', maxLength: 100 }).map((some) => Buffer.from(some).toString('latin1')),
    fc.constantFrom('-n', '%s%n', '\\0\\n', '$(id)', '\'"', '\x1b[31m', '\0', ''),
  );

  test('give a call with an address, or none, and never throw', () => {
    fc.assert(
      fc.property(fc.array(bytes, { minLength: 6, maxLength: 10 }), (args) => {
        expect(parseHookArgs(args)?.address ?? 'none').toMatch(/^(?:none|[0-9a-f.:]+(?:\/\d+)?)$/);
      }),
    );
  });

  test('in sentence and lines change nothing but these', () => {
    fc.assert(
      fc.property(bytes, bytes, (said, lines) => {
        const read = parseHookArgs(call({ 5: said, 6: lines }));
        expect(read).toMatchObject({ address: '203.0.113.51', trigger: 'LF_MODSEC', ports: null });
        expect(read?.lines.join('') ?? '').not.toMatch(/[\r\n]/);
        expect(read?.text).not.toMatch(/[\r\n]/);
      }),
    );
  });

  test('128 KiB of lines and a sentence of a MiB are read in a moment', () => {
    const began = performance.now();
    const read = parseHookArgs(call({ 5: 'x '.repeat(512 * 1024), 6: 'y\n'.repeat(64 * 1024) }));
    expect(read?.lines).toHaveLength(64 * 1024);
    expect(read?.text.length).toBeLessThan(20_000);
    expect(performance.now() - began).toBeLessThan(500);
  });
});
