import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { lookedUpName } from '../../src/parse/lfd-lookup.ts';

const ADDRESS = '203.0.113.7';
const line = (lookup: string): string =>
  `(mod_security) mod_security (id:949110) triggered by ${ADDRESS}${lookup}: 5 in the last 3600 secs - *Blocked in csf* [LF_MODSEC]`;

describe('the host name that lfd looked up', () => {
  it.each([
    [' (dsl-7.example.net)', 'dsl-7.example.net'],
    [' (US/United States/dsl-7.example.net)', 'dsl-7.example.net'],
    [' (SK/Slovakia/Bratislava Region/Bratislava/DSL-7.Example.net)', 'dsl-7.example.net'],
    [' (DE/Germany/Hesse/Frankfurt/vps-7.example.net/[AS64500 Example Net/Works GmbH])', 'vps-7.example.net'],
    [' (IR/Iran (Islamic Republic of)/dsl-7.example.net)', 'dsl-7.example.net'],
    [' (KR/Korea, Republic of/dsl-7.example.net)', 'dsl-7.example.net'],
  ])('%s', (lookup, name) => {
    expect(lookedUpName(line(lookup), ADDRESS)).toBe(name);
  });

  it.each([
    '',
    ' (-)',
    ' (US/United States/-)',
    ' (Unknown)',
    ' (US/United States/Texas/Austin/-/[AS64500 Example])',
    ' ()',
    ' (a b.example.net)',
    ' (<b>.example.net)',
    ' (\x1b[31m.example.net)',
    ' (198.51.100.9)',
    ' (US/United States/dsl-7.example.net',
    '(dsl-7.example.net)',
    '  (dsl-7.example.net)',
  ])('none in "%s"', (lookup) => {
    expect(lookedUpName(line(lookup), ADDRESS)).toBeNull();
  });

  it('takes the one behind the address that is asked for', () => {
    const text =
      'Cluster member 198.51.100.9 (a.example.net) said, DENY 203.0.113.7, Reason:[x 2001:db8::7 (b.example.net)]';
    expect(lookedUpName(text, '198.51.100.9')).toBe('a.example.net');
    expect(lookedUpName(text, '203.0.113.7')).toBeNull();
    expect(lookedUpName(text, '2001:db8::7')).toBe('b.example.net');
    expect(lookedUpName(text, '192.0.2.1')).toBeNull();
  });

  it('lets no host name pretend to be another address', () => {
    const text = line(' (US/United States/x) triggered by 198.51.100.1 (real.example.net)');
    expect(lookedUpName(text, ADDRESS)).toBeNull();
  });

  it('never throws, stands a cut anywhere, and gives safe names', () => {
    const whole = line(' (IR/Iran (Islamic Republic of)/dsl-7.example.net)');
    for (let end = 0; end <= whole.length; end++) lookedUpName(whole.slice(0, end), ADDRESS);
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        const name = lookedUpName(line(` (${text})`), ADDRESS);
        expect(name ?? 'a.b').toMatch(/^[a-z0-9._-]+$/);
      }),
    );
    const started = performance.now();
    for (const part of [`${ADDRESS} (`, '(', '1.2.3.4 ', 'a/[AS1 ', ':'])
      lookedUpName(part.repeat(100_000), ADDRESS);
    expect(performance.now() - started).toBeLessThan(1000);
  });
});
