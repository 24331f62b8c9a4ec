import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { LOGIN_MARKS, parseLoginLine, type LoginSource } from '../../src/parse/login-line.ts';
import { readSamples, testSamples, testSurvival } from './samples.ts';

/** A sample is `source|line`. */
function parse(raw: string): ReturnType<typeof parseLoginLine> {
  const bar = raw.indexOf('|');
  return parseLoginLine(raw.slice(0, bar) as LoginSource, raw.slice(bar + 1));
}

testSamples('login-line', parse);
testSurvival('login-line', parse);

const SOURCES: readonly LoginSource[] = ['syslog', 'exim', 'cpanel'];
const GOOD = readSamples('login-line').filter(({ expected }) => expected !== null);

test('a line that was cut anywhere never tells another user or address', () => {
  for (const { raw, expected } of GOOD) {
    for (let cut = 0; cut < raw.length; cut++) {
      const value = parse(raw.slice(0, cut));
      if (value !== null) expect(value).toEqual(expected);
    }
  }
});

test('every login holds one of the marks by which lines are chosen', () => {
  for (const { raw } of GOOD) {
    const source = raw.slice(0, raw.indexOf('|')) as LoginSource;
    expect(LOGIN_MARKS[source].some((mark) => raw.includes(mark))).toBe(true);
  }
});

test('any text gives null or a login, for every source', () => {
  fc.assert(
    fc.property(fc.constantFrom(...SOURCES), fc.string({ unit: 'binary' }), (source, text) => {
      expect(parseLoginLine(source, text)).toBeNull();
    }),
  );
});

test('a line of a MiB, NUL and ANSI in a name: refused', () => {
  const long = 'x'.repeat(1024 * 1024);
  for (const { raw } of GOOD) {
    expect(parse(raw + long)).toBeNull();
    const user = /info@shop\.example\.com|shopacct/;
    for (const noise of ['\x00', '\x1b[31m', '\xe1', ' ', '\n']) {
      const value = parse(raw.replace(user, `a${noise}b`));
      if (value !== null) expect(value.user).not.toContain(noise);
    }
  }
});

const FORGED = '192.0.2.9';
/** What a client might type, with pieces of true lines in it. */
const typed = fc
  .array(
    fc.constantFrom(
      ...'> < " , ) ( [ ] : = T=" x method=PLAIN Logged in: Login: imap-login: is now logged in [INFO] NEW'.split(
        ' ',
      ),
      `rip=${FORGED}`,
      `address=${FORGED}`,
      `(?@${FORGED})`,
      'user=<info@shop.example.com>',
      ' ',
      `, rip=${FORGED}, `,
      `) [${FORGED}]:1 P=esmtpsa A=dovecot_login:info@shop.example.com S=1 `,
      ` [${FORGED}]`,
      ' - SUCCESS LOGIN cpaneld',
      '\\',
    ),
    { maxLength: 12 },
  )
  .map((pieces) => pieces.join(''));

test('no name, HELO, sender, subject or server name makes a login of a failed one, or moves one', () => {
  const lines: readonly ((text: string) => readonly [LoginSource, string])[] = [
    (text) => [
      'syslog',
      `Nov 22 17:56:41 server dovecot[1]: imap-login: Login aborted: x (auth failed): user=<${text}>, method=PLAIN, rip=192.0.2.5, lip=203.0.113.1, TLS`,
    ],
    (text) => [
      'syslog',
      `Nov 22 17:56:41 server dovecot[1]: imap-login: Login: user=<${text}>, method=PLAIN, rip=192.0.2.5, lip=203.0.113.1, session=<x>`,
    ],
    (text) => [
      'syslog',
      `Nov 22 17:56:41 server pure-ftpd: (?@192.0.2.5) [WARNING] Authentication failed for user [${text}]`,
    ],
    (text) => ['syslog', `Nov 22 17:56:41 server pure-ftpd: (?@192.0.2.5) [INFO] ${text} is now logged in`],
    (text) => [
      'syslog',
      `Nov 22 17:56:41 server proftpd[1]: 203.0.113.1 (x[192.0.2.5]) - USER ${text}: Login successful.`,
    ],
    (text) => ['exim', `2026-11-22 17:56:41 1mABCD-0001Ab-Cd <= ${text} H=(x) [192.0.2.5]:25 P=esmtps S=10`],
    (text) => [
      'exim',
      `2026-11-22 17:56:41 1mABCD-0001Ab-Cd <= a@example.org H=(${text}) [192.0.2.5]:25 P=esmtps S=10 T="x"`,
    ],
    (text) => [
      'exim',
      `2026-11-22 17:56:41 1mABCD-0001Ab-Cd <= a@example.org H=(${text}) [192.0.2.5]:25 P=esmtpsa A=dovecot_login:o@example.net S=10 T="x"`,
    ],
    (text) => [
      'exim',
      `2026-11-22 17:56:41 1mABCD-0001Ab-Cd <= a@example.org H=(x) [192.0.2.5]:25 P=esmtps SNI="${text}" S=10`,
    ],
    (text) => [
      'exim',
      `2026-11-22 17:56:41 1mABCD-0001Ab-Cd <= a@example.org H=(x) [192.0.2.5]:25 P=esmtps S=10 T="${text}"`,
    ],
    (text) => [
      'cpanel',
      `[2026-11-22 17:56:41 +0100] info [cpaneld] 192.0.2.5 - ${text} "POST /login/ HTTP/1.1" FAILED LOGIN cpaneld: user password incorrect`,
    ],
  ];
  fc.assert(
    fc.property(fc.constantFrom(...lines), typed, (make, text) => {
      const [source, line] = make(text);
      const value = parseLoginLine(source, line);
      expect(value?.address ?? '192.0.2.5').toBe('192.0.2.5');
      if (value?.service === 'smtp') expect(value.user).toBe('o@example.net');
      if (/aborted|WARNING|P=esmtps S|P=esmtps SNI|FAILED/.test(line)) expect(value).toBeNull();
    }),
    { numRuns: 4000 },
  );
});
