import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseLfdMail } from '../../src/parse/lfd-mail.ts';
import { readSamples, testSamples, testSurvival } from './samples.ts';

testSamples('lfd-mail', parseLfdMail, 'utf8');
testSurvival('lfd-mail', parseLfdMail);

test('any text gives a mail or null (property)', () => {
  const pieces = [
    ...[
      '\n',
      '> ',
      ' ',
      '[',
      ']',
      '"',
      '\\',
      '&quot;',
      '<br>',
      '=3D',
      '=\n',
      '--csf-1234567\n',
      'Content-Type: multipart/mixed; boundary=x\n',
    ],
    ...[
      'IP: ',
      'Time: Sun Nov 22 13:01:38 2026 +0000',
      '203.0.113.7',
      '(mod_security)',
      '[LF_MODSEC]',
      '[Sun Nov 22 13:01:33 2026] [',
      'ä',
    ],
  ];
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.constantFrom(...pieces), fc.string({ unit: 'binary', maxLength: 5 })), {
        maxLength: 60,
      }),
      (parts) => {
        const mail = parseLfdMail(parts.join(''));
        expect(mail?.lines.every((line) => !line.includes('\n')) ?? true).toBe(true);
      },
    ),
    { numRuns: 1000 },
  );
});

test('time grows no faster than the mail', () => {
  const [sample] = readSamples('lfd-mail', 'utf8');
  const raw = sample!.raw;
  const line = raw.slice(raw.indexOf('[Sun'));
  const dates = '[Sun Nov 22 13:01:33 2026] [';
  const fillers = [
    `${line}\n`,
    `${dates}\n`,
    `[data "${dates}\n`,
    'x: y\n',
    '&amp;',
    '<p>\n',
    '> \n',
    '"] ',
    '=\n',
    '--csf-1234567\n\n',
  ];
  const time = (size: number): number => {
    const started = performance.now();
    for (const filler of fillers) parseLfdMail(raw + filler.repeat(Math.ceil(size / filler.length)));
    return performance.now() - started;
  };
  time(10_000);
  const small = Math.max(time(200_000), 5);
  expect(time(800_000)).toBeLessThan(small * 12);
});

test('a line of more than 256 KiB is refused', () => {
  expect(parseLfdMail(`IP: 203.0.113.7\n${'x'.repeat(300_000)}`)).toBeNull();
});
