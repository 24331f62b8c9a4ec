import { spawnSync } from 'node:child_process';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { BlockLetter, SummaryLetter } from '../../src/actions/mail-letter.ts';
import { quotedCommand } from '../../src/mail/commands.ts';
import { writer } from '../../src/mail/compose.ts';
import { mailDate } from '../../src/mail/mail-date.ts';
import { BLOCK, HEAD, SERVER, SUMMARY, withTexts } from './letter-kit.ts';
import { addressesIn, decodedWords, one, parseMail, type ParsedMail } from './mail-parser.ts';

const NAMES = [
  'Auto-Submitted',
  'Content-Type',
  'Date',
  'From',
  'In-Reply-To',
  'MIME-Version',
  'Message-ID',
  'References',
  'Subject',
  'To',
  'X-Auto-Response-Suppress',
];

function check(mail: ParsedMail): void {
  expect(mail.headers.map(([name]) => name).sort()).toEqual(NAMES);
  for (const { attribute, value } of addressesIn(mail.html)) {
    expect(attribute).toBe('href');
    expect(value.startsWith('https://server.example.com:2087/cgi/whyblocked/index.cgi?p=/')).toBe(true);
  }
  expect(mail.html).not.toMatch(
    /<(?:img|script|link|iframe|style|form|object|video|svg|base)\b|url\(|@import/i,
  );
  const without = mail.html.replaceAll('https://server.example.com:2087/', '');
  expect(`${without}${mail.text.replaceAll('https://server.example.com:2087/', '')}`).not.toMatch(
    /(?:http|ftp)s?:\/\//i,
  );
  expect(mail.text + mail.html).not.toMatch(
    /[\u0000-\u0009\u000b\u000c\u000e-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/,
  );
}

test('the head of a mail about a block', async () => {
  const { raw, subject } = await writer.block(BLOCK);
  const mail = parseMail(raw);
  check(mail);
  const field = (name: string): string => one(mail.headers, name);
  expect(field('From')).toBe('Whyblocked <whyblocked@server.example.com>');
  expect(field('To')).toBe('admin@example.com, night@example.org');
  expect(field('Date')).toBe('Sun, 22 Nov 2026 13:01:41 +0100');
  expect(field('Message-ID')).toBe('<notice-12.a1b2c3d4e5f6@server.example.com>');
  expect(field('References')).toBe('<address-0badc0de.a1b2c3d4e5f6@server.example.com>');
  expect(field('In-Reply-To')).toBe(field('References'));
  expect(field('Auto-Submitted')).toBe('auto-generated');
  expect(field('Subject')).toBe(subject);
  expect(subject).toBe('Probably a false alarm: 203.0.113.9 blocked on server.example.com, shop.example.com');
});

test('what it says, in both parts', async () => {
  const mail = parseMail((await writer.block(BLOCK)).raw);
  const html = mail.html
    .replace(/<[^>]*>/g, '')
    .replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)));
  const text = mail.text.replace(/\s+/g, ' ');
  for (const piece of [
    'Very probably a false alarm: an editor was stopped while saving.',
    'Unblock it? Yes, after the rule is mended.',
    "whyblocked preview --rule 942100 --vhost shop.example.com --target ARGS:content --path '/wp-json/wp/v2/posts/{n}'",
    'whyblocked unblock 203.0.113.9 --reason WHY',
    'It is blocked again at the 10th refusal within an hour.',
    'LF_MODSEC, 10 refusals by ModSecurity within an hour',
    'The address is in csf.ignore too.',
    'It was logged in to this WordPress before and after.',
    'The text holds words of SQL.',
    'Two rules scored 5 + 3 = 8; the limit is 5. The same in 10 of 14 requests.',
    '+0.000 s POST shop.example.com/wp-json/wp/v2/posts/2176?_locale=user 403, score 8 (942100 +5), 12 times until +4.532 s',
    'And 2 more.',
    'audit log: It starts Sun 03:12; the block was before.',
    'Whether the address has a name: DNS was not asked.',
    'It may have been no attack. Every block is mailed, at most 20 an hour.',
  ])
    for (const part of [text, html.replace(/\s+/g, ' ')]) expect(part).toContain(piece);
  expect(text).toContain('+2.0 The text holds words of SQL. [known]');
  expect(mail.text).toContain(
    'https://server.example.com:2087/cgi/whyblocked/index.cgi?p=/incident&ip=203.0.113.9&from=2026-11-22T13%3A00%3A58.101000%2B01%3A00',
  );
  expect(mail.html).toContain('p=/explain&#38;q=203.0.113.9"');
});

test('the same letter gives the same bytes; another key another Message-ID', async () => {
  const bytes = async (letter: BlockLetter): Promise<string> =>
    Buffer.from((await writer.block(letter)).raw).toString('latin1');
  expect(await bytes(BLOCK)).toBe(await bytes(BLOCK));
  const other = await bytes({ ...BLOCK, head: { ...HEAD, key: 'notice-13' } });
  expect(other).toContain('<notice-13.a1b2c3d4e5f6@server.example.com>');
});

test('without an address of WHM there are words and a command', async () => {
  const mail = parseMail((await writer.block({ ...BLOCK, head: { ...HEAD, whm: null } })).raw);
  expect(mail.html).not.toContain('href');
  expect(mail.text.replace(/\s+/g, ' ')).toContain('In WHM open Whyblocked and paste 203.0.113.9');
  expect(mail.text).toContain('    whyblocked explain 203.0.113.9');
});

test('a block that could not be explained is told all the same', async () => {
  const { raw, subject } = await writer.block({ ...BLOCK, explanation: null, problem: 'The disk is full.' });
  const mail = parseMail(raw);
  check(mail);
  expect(subject).toBe('Not explained: 203.0.113.9 blocked on server.example.com');
  expect(mail.text).toContain('The disk is full.');
});

test('several blocks, those that need somebody first', async () => {
  const { raw, subject } = await writer.summary(SUMMARY);
  const mail = parseMail(raw);
  check(mail);
  expect(subject).toBe('server.example.com: 1 block to look at: 1 probably false');
  const text = mail.text.replace(/\s+/g, ' ');
  expect(text).toContain('39 blocks in this mail, 3 mailed one by one, 1 not mailed');
  expect(text.indexOf('PROBABLY FALSE ALARMS (1)')).toBeLessThan(text.indexOf('ATTACKS (37)'));
  expect(text).toContain('And 36 more.');
  expect(text).toContain('the mail “Attack: 192.0.2.1 blocked” may or may not have arrived');
  expect(text).toContain('audit log: permission denied');
});

test('a quiet day says that nothing needs anybody', async () => {
  const quiet: SummaryLetter = {
    ...SUMMARY,
    rows: SUMMARY.rows.filter(({ label }) => label === 'attack'),
    counts: { all: 37, falsePositive: 0, unclear: 0, attack: 37, unjudged: 0, other: 0 },
    lost: [],
    problems: [],
  };
  const { subject } = await writer.summary(quiet);
  expect(subject).toBe('server.example.com: Nothing needs you: 37 blocks, none of them doubtful');
  const none = { ...quiet, rows: [], counts: { ...quiet.counts, all: 0, attack: 0 } };
  expect((await writer.summary(none)).subject).toBe(
    'server.example.com: Nothing needs you: no address was blocked',
  );
});

test('a trial', async () => {
  const mail = parseMail((await writer.trial({ head: { ...HEAD, key: 'trial-1' }, server: SERVER })).raw);
  expect(mail.headers.map(([name]) => name)).not.toContain('References');
  expect(mail.text).toContain('Mails of Whyblocked arrive here.');
});

/** Bytes and words that mean something to heads, parts, HTML, mail programs and terminals. */
const piece = fc.oneof(
  fc.constantFrom(
    '\r\n',
    '\n',
    '\r',
    '\r\nBcc: x@example.net\r\n\r\n',
    '\0',
    '\u001b[31m',
    '<script>',
    '"><img src=http://x/>',
    "' onload='x",
    '&amp;',
    '=?utf-8?Q?x?=',
    '=0D=0A',
    '\r\n.\r\n',
    '\n--',
    '\u202e',
    '\u2028',
    'https://evil.example.net/x',
    'HTTP://x',
    '\ud800',
    '•',
    '🔥',
    'ä',
    '\t',
    '  ',
    'a'.repeat(1500),
    '--a1b2c3d4e5f6-notice-12',
    'javascript:x',
    '`id`',
    "'; id '",
  ),
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.uint8Array({ maxLength: 30 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
);
const hostile = fc.array(piece, { minLength: 1, maxLength: 4 }).map((pieces) => pieces.join(''));

test('property: whatever the texts hold, a mail is two parts with the fields that are ours', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(hostile, { minLength: 1, maxLength: 20 }), async (texts) => {
      let next = 0;
      const put = (): string => texts[next++ % texts.length] ?? '';
      for (const { raw, subject } of [
        await writer.block(withTexts(BLOCK, put)),
        await writer.summary(withTexts(SUMMARY, put)),
      ]) {
        const mail = parseMail(raw);
        check(mail);
        expect(subject.length).toBeLessThanOrEqual(150);
        expect(decodedWords(one(mail.headers, 'Subject')).replace(/\s+/g, ' ')).toBe(
          subject.replace(/\s+/g, ' '),
        );
        expect(one(mail.headers, 'To')).toBe('admin@example.com, night@example.org');
        expect(
          mail.html
            .match(/<[a-z0-9]+/gi)
            ?.every((tag) => /^<(?:html|head|meta|title|body|div|p|span|h1|h2|ul|li|b|a|pre)$/.test(tag)),
        ).toBe(true);
        expect(raw.length).toBeLessThan(200_000);
      }
    }),
    { numRuns: 40 },
  );
});

test('property: a command that is offered is given to a shell as it is', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(hostile, fc.string()), { minLength: 1, maxLength: 4 }), (words) => {
      const line = quotedCommand('printf', '%s\\n', ...words);
      if (line === null) return;
      expect(line).toMatch(/^[\x20-\x7e]*$/);
      const { stdout } = spawnSync('/bin/sh', ['-c', line], { encoding: 'utf8' });
      expect(stdout).toBe(words.map((word) => `${word}\n`).join(''));
    }),
    { numRuns: 60 },
  );
});

test('dates in the server’s own offset', () => {
  expect(mailDate(Date.parse('2026-01-01T02:29:59.9Z'), -210)).toBe('Wed, 31 Dec 2025 22:59:59 -0330');
});
