// Values as attackers send them, for any parameter of any page.
import fc from 'fast-check';

/** A tag and an attribute that no page of ours has: one that is read back as markup is a finding. */
export const MARK = 'zq9';
const MARKUP = [
  `"><${MARK} ${MARK}=1>`,
  `'><${MARK}>`,
  `</textarea></title></pre></script><${MARK}>`,
  `" ${MARK}="1`,
  `<script ${MARK}>alert(1)</script>`,
  `javascript:${MARK}`,
  `<!--<${MARK}>`,
  `&lt;${MARK}&gt;<${MARK}>`,
];
const BREAKS = [
  `x\r\nX-${MARK}: 1\r\n\r\n<${MARK}>`,
  `x\nSet-Cookie: ${MARK}=1`,
  '\0',
  'a\0b',
  '\u0085\u2028\u2029',
  '\ufeff',
  '\u202e\u2066',
  '\ud800',
  '\u001b[31m',
];
const NUMBERS = [
  '-1',
  '0',
  '1e309',
  'NaN',
  '9007199254740993',
  '99999999999999999999',
  '0x10',
  '1.5',
  '٣',
  '-0',
  '2147483648',
];
const NAMES = [
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  '[object Object]',
  'null',
  'undefined',
  'true',
];
const PATHS = [
  '../../../../etc/shadow',
  '/etc/shadow',
  '/etc/csf/csf.conf',
  '/proc/self/environ',
  '/var/log/apache2/../../../etc/shadow',
  'file:///etc/shadow',
  '/dev/zero',
  '//evil.example.com/x',
  '\\\\evil\\x',
  '.',
];
const PROGRAMS = [
  '$(id)',
  '`id`',
  '; id',
  '| id',
  "' OR 1=1 --",
  `'; DROP TABLE activity; --`,
  '<%= process.env %>',
  '${7*7}',
  '{{7*7}}',
  '-e id',
  '--pre=id',
  '@file',
  '=cmd()',
];
const PATTERNS = [
  '(a+)+$',
  '(.*a){25}b',
  '((a{1,100}){1,100}){1,100}',
  '[',
  '(?',
  '\\',
  '(?<!x)y',
  '^$',
  '.*',
  '\\p{L}+',
];
const TIMES = [
  '2026-02-30',
  '9999-12-31T23:59:59Z',
  '0000-01-01',
  '-99999999h',
  'now',
  '+-5 min',
  '2026-11-26T10:00:00+99:99',
  '1e20',
];
const TARGETS = [
  '203.0.113.7/0',
  '::ffff:203.0.113.7',
  '2001:db8::/129',
  '0.0.0.0/0',
  'xn--0.example.com',
  'a'.repeat(64) + '.example.com',
  'ARGS:' + 'x'.repeat(300),
  '949110',
  '0942100',
];

/** Any such value, some with others around them, some very long. */
export const hostileValue: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    ...MARKUP,
    ...BREAKS,
    ...NUMBERS,
    ...NAMES,
    ...PATHS,
    ...PROGRAMS,
    ...PATTERNS,
    ...TIMES,
    ...TARGETS,
  ),
  fc
    .tuple(fc.constantFrom(...MARKUP, ...BREAKS), fc.string({ unit: 'binary', maxLength: 20 }))
    .map((parts) => parts.join('')),
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.string({ unit: 'grapheme', maxLength: 60 }),
  fc
    .tuple(fc.constantFrom(...MARKUP, 'x', '\n', '(', '\u00e9'), fc.constantFrom(200, 5000, 20_000))
    .map(([text, count]) => text.repeat(Math.ceil(count / text.length))),
);

/** A query as a program that knows no rules writes it; the page is named first. */
export const hostileQuery: fc.Arbitrary<string> = fc
  .array(
    fc.constantFrom(
      '%',
      '%zz',
      '%ff%fe',
      '&',
      '=',
      '&&=',
      'q',
      'q[]=1',
      'id=1&id=2',
      '+',
      '%00',
      '%0d%0a',
      ';',
      '?',
      '/',
      '%u0041',
      'p=/',
    ),
    {
      maxLength: 12,
    },
  )
  .map((parts) => parts.join(''));
