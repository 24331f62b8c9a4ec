// The forms of a report with hostile values in them: what a log says can be no link, image, HTML, mention, code fence or control
// byte in any of them, adds no line, and is still there to be read.
import { execFileSync } from 'node:child_process';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { curlCall, quoted } from '../../src/actions/report-curl.ts';
import { htmlOf } from '../../src/actions/report-html.ts';
import { markdownOf } from '../../src/actions/report-markdown.ts';
import { netText, type NetKnown } from '../../src/actions/report-net.ts';
import { plainTextOf } from '../../src/actions/report-plain.ts';
import { shapeOfPath, shapeOfValue } from '../../src/actions/report-shape.ts';
import { valueOf } from '../../src/actions/report-value.ts';
import type { Report, Span } from '../../src/actions/report-view.ts';
import type { StoredHit, Transaction } from '../../src/model.ts';

const NASTY = [
  '<script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '[a](javascript:alert(1))',
  '![a](https://example.net/x.png)',
  'https://example.net/x',
  'www.example.net',
  '@root',
  '#12',
  '`',
  '``',
  '```',
  '\n```\n',
  '\n# x\n',
  '| a | b |',
  '\\',
  '\\|',
  '|',
  '&lt;script&gt;',
  '&#60;b&#62;',
  '</code></pre><b>',
  '*x*',
  '_x_',
  '~~x~~',
  '\u001b[31m',
  '\u0000',
  '\r\n',
  '\u202egnp',
  '\u2028',
  '\u00a0',
  "'; touch /tmp/x; '",
  '$(id)',
  '- [ ] x',
  '1. x',
  '> x',
  '<!-- x -->',
  '[x]: https://example.net',
  ':smile:',
  '\ud800',
];
const hostile = fc
  .array(fc.oneof(fc.constantFrom(...NASTY), fc.string({ unit: 'binary', maxLength: 8 })), { maxLength: 8 })
  .map((parts) => parts.join(''));

function reportOf(values: readonly string[]): Report {
  const span = (at: number): Span => valueOf(values[at] ?? '');
  return {
    ...{ kind: 'customer', vhost: null, incident: null, verdict: null, masked: 0 },
    title: ['About ', span(0)],
    sections: [
      {
        heading: 'What',
        blocks: [
          { kind: 'text', spans: ['Sent to ', span(1), ' (5 + 3) by ', span(2), '.'] },
          { kind: 'text', spans: [span(3)] },
          { kind: 'list', items: [[span(4)], ['1. ', span(5)]] },
          { kind: 'task', spans: ['tick ', span(6)] },
          { kind: 'table', head: ['A', 'B'], rows: [[[span(7)], ['x ', span(8)]]] },
          { kind: 'code', text: values[9] ?? '' },
        ],
      },
    ],
  };
}
const COUNT = 9;
const reports = fc.array(hostile, { minLength: COUNT + 1, maxLength: COUNT + 1 });
const shownValues = (values: readonly string[]): string[] =>
  values.slice(0, COUNT).map((value) => {
    const span = valueOf(value);
    return typeof span === 'string' ? span : span.value;
  });
/** Anything that acts: controls and invisible characters, but for the line feeds of the text itself. */
const ODD = /[^\P{C}\n]|[\p{Zl}\p{Zp}]/u;

/** A CommonMark reader of code spans: their contents, and the text with each replaced by a sign. */
function codeSpans(line: string): { readonly spans: readonly string[]; readonly rest: string } {
  const spans: string[] = [];
  let rest = '';
  for (let at = 0; at < line.length;) {
    if (line[at] === '\\') {
      rest += line.slice(at, at + 2);
      at += 2;
    } else if (line[at] === '`') {
      const fence = /^`+/.exec(line.slice(at))?.[0] ?? '`';
      const close = [...line.slice(at + fence.length).matchAll(/`+/g)].find(([run]) => run === fence);
      if (close === undefined) return { spans, rest: `${rest}UNCLOSED` };
      const inner = line.slice(at + fence.length, at + fence.length + close.index);
      spans.push(/^ .*[^ ].* $/.test(inner) ? inner.slice(1, -1) : inner);
      rest += '\u25a1';
      at += 2 * fence.length + inner.length;
    } else {
      rest += line[at] ?? '';
      at++;
    }
  }
  return { spans, rest };
}

describe('Markdown', () => {
  test('a value is text in a code span, and nothing else changes', () => {
    const usual = markdownOf(reportOf(Array<string>(COUNT + 1).fill('v'))).split('\n');
    fc.assert(
      fc.property(reports, (values) => {
        const text = markdownOf(reportOf([...values.slice(0, COUNT), 'v']));
        const lines = text.split('\n');
        expect(lines).toHaveLength(usual.length);
        expect(text).not.toMatch(ODD);
        const read = lines.map((line) => codeSpans(line));
        const words = read.map(({ rest }) => rest.replaceAll('(empty)', '\u25a1'));
        const expected = usual.map((line) => codeSpans(line).rest);
        expect(words).toEqual(expected);
        const spans = read.flatMap((line) => line.spans);
        // The last two stand in a table.
        const shown = shownValues(values).map((value, at) =>
          at < COUNT - 2 ? value : value.replaceAll('|', '\u00a6'),
        );
        expect(spans).toEqual(shown.filter((value) => value !== '(empty)'));
      }),
      { numRuns: 300 },
    );
  });

  test('a bar in a table ends no cell, with or without a backslash', () => {
    const values = Array<string>(COUNT).fill('a|b\\|c');
    const row = markdownOf(reportOf(values))
      .split('\n')
      .find((line) => line.startsWith('| `'));
    expect(row).toBe('| `a\u00a6b\\\u00a6c` | x `a\u00a6b\\\u00a6c` |');
  });

  test('code stays within its fence', () => {
    fc.assert(
      fc.property(hostile, (value) => {
        const text = markdownOf(reportOf([...Array<string>(COUNT).fill('v'), value]));
        const lines = text.slice(0, -1).split('\n');
        const fence = lines.at(-1) ?? '';
        const from = lines.indexOf(fence);
        expect(fence).toMatch(/^`{3,}$/);
        expect(lines.indexOf(fence, from + 1)).toBe(lines.length - 1);
        const inner = lines.slice(from + 1, -1);
        expect(inner.some((line) => (/^ {0,3}(`+) *$/.exec(line)?.[1]?.length ?? 0) >= fence.length)).toBe(
          false,
        );
        expect(text).not.toMatch(ODD);
      }),
      { numRuns: 200 },
    );
  });
});

test('HTML: only our own tags, without attributes, and all text is text', () => {
  fc.assert(
    fc.property(reports, (values) => {
      const text = htmlOf(reportOf(values));
      const bare = text.replaceAll(/<\/?(?:h2|h3|p|ul|li|table|tr|th|td|code|pre)>/g, '\u25a1');
      expect(bare).not.toMatch(/[<>"']/);
      expect(bare.replaceAll(/&(?:amp|lt|gt|quot|#39);/g, '')).not.toContain('&');
      expect(text).not.toMatch(ODD);
      const read = [...text.matchAll(/<code>([^<]*)<\/code>/g)].map(([, inner]) =>
        (inner ?? '')
          .replaceAll('&lt;', '<')
          .replaceAll('&gt;', '>')
          .replaceAll('&quot;', '"')
          .replaceAll('&#39;', "'")
          .replaceAll('&amp;', '&'),
      );
      expect(read.slice(0, -1)).toEqual(shownValues(values).filter((value) => value !== '(empty)'));
    }),
    { numRuns: 300 },
  );
});

test('plain text: lines of at most 72 characters, no control bytes, all words there', () => {
  fc.assert(
    fc.property(reports, (values) => {
      const text = plainTextOf(reportOf(values));
      const lines = text.split('\n');
      const wide = lines.filter((line) => Array.from(line).length > 72 && !line.startsWith('    '));
      expect(wide).toEqual([]);
      expect(text).not.toMatch(ODD);
      const whole = text.replaceAll(/\s/g, '');
      for (const value of shownValues(values)) expect(whole).toContain(value.replaceAll(/\s/g, ''));
    }),
    { numRuns: 300 },
  );
});

const KNOWN: NetKnown = {
  addresses: new Set(['198.51.100.20', '2001:db8::1']),
  isForeign: (host) => host.endsWith('other.example.org'),
  labels: new Set(['a1b2c3d4e5f6g7h8i9j0']),
  account: 'shopuser',
};

describe('the second net', () => {
  test.each([
    ['a token', '/reset/Xk3jT9aQ7vPz0LmW2bRy', '/reset/••••'],
    ['a hex digest', 'x 5f4dcc3b5aa765d61d8327deb882cf99 y', 'x •••• y'],
    ['a session of letters', 'kTmToKenOfLettersOnlyAtAll', '••••'],
    ['a password in a query', 'token=hunter2&a=1', 'token=••••&a=1'],
    ['a JWT', 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl', '••••'],
    ['a card number', 'card 4111 1111 1111 1111 x', 'card •••• x'],
    ['a long number', '123456789012', '••••'],
    ['somebody’s mail address', 'to jana.k@mail.example.net.', 'to ••••'],
    ['an escaped mail address', 'to jana%40example.net', 'to ••••'],
    ['another address', '203.0.113.9 and 2001:db8::2', '•••• and ••••'],
    ['another site', 'https://www.other.example.org/x', 'https://••••/x'],
    ['another account', '/home/otheruser/x and /~otheruser/', '/home/••••/x and /~••••/'],
  ])('masks %s', (_name, text, masked) => {
    expect(netText(text, KNOWN)).toBe(masked);
  });

  test.each([
    '198.51.100.20 and 2001:db8::1',
    'REQUEST-942-APPLICATION-ATTACK-SQLI.conf:184, OWASP_CRS/3.3.4',
    'between 07:20:52 and 07:26:06 (the server’s clock, +01:00)',
    '/wp-content/plugins/contact-form-seven-extended/includes/file.php',
    '/home/shopuser/public_html and /~shopuser/',
    'ARGS:data[wp_autosave][content], rule 941100, 949110 and 980130',
    'my-very-long-name-of-a-site.example.com and a1b2c3d4e5f6g7h8i9j0.example.com',
    'sec-fetch-dest, sec-ch-ua-full-version-list, content-security-policy-report-only',
  ])('leaves %s', (text) => {
    expect(netText(text, KNOWN)).toBe(text);
  });

  test('it never throws, and what it has masked stays masked', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const once = netText(text, KNOWN);
        expect(netText(once, KNOWN)).toBe(once);
      }),
      { numRuns: 300 },
    );
  });
});

describe('placeholders', () => {
  test('words of languages and signs stay, everything of the visitor’s own goes', () => {
    expect(shapeOfValue(`<iframe src="https://video.me/a7Yw2" title='Jana 2026'>`)).toBe(
      `<iframe src="https://video.xx/x0Xx0" title='Xxxx 0000'>`,
    );
    expect(shapeOfValue(`Peter's 12 union select pass\\x0aŽofia`)).toBe(
      `Xxxxx'x 00 union select xxxx\nXxxxx`,
    );
    expect(shapeOfPath('/wp-admin/jana/rechnung-2026.pdf')).toBe('/wp-admin/xxxx/xxxxxxxx-0000.pdf');
    expect(shapeOfValue('a'.repeat(5000))).toHaveLength(400);
  });

  test('whatever is sent, no word of it is left that is not of the list', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const words = shapeOfValue(`Zebra42 ${text} Žirafa`).match(/[\p{L}]{2,}|\p{N}{2,}/gu) ?? [];
        expect(words.filter((word) => /zebra|žirafa|42/i.test(word))).toEqual([]);
      }),
    );
  });
});

describe('the call for the sandbox', () => {
  const hit = (target: string, data: string): StoredHit => ({
    ...{
      ruleId: '942100',
      action: 'warning',
      denyStatus: null,
      phase: 2,
      operator: '',
      target,
      message: null,
    },
    ...{ data, severity: 'CRITICAL', cut: false, file: null, line: null, version: null, tags: [], nth: 0 },
    ...{ sources: ['error_log'], refs: [], ambiguous: false },
  });
  const transaction = (method: string, uri: string, contentType: string | null): Transaction => ({
    ...{ uniqueId: 'x', at: 0, client: '198.51.100.20', vhost: 'shop.example.com', path: null, hits: [] },
    request: {
      ...{
        method,
        uri,
        protocol: 'HTTP/1.1',
        host: 'shop.example.com',
        userAgent: null,
        referer: null,
        contentType,
      },
      ...{ status: 403, headerNames: [], cookieNames: [] },
    },
    ...{ engineErrors: [], findings: [], sources: ['audit_log'], auditRef: null, ambiguous: false },
  });
  const settings = { paranoiaLevel: 2, isNginx: false };
  /** Lets a real shell read a call; gives what curl would have been given. */
  const argumentsOf = (calls: readonly string[]): string[][] => {
    const script = `curl() { printf '%s\\0' "$@"; printf '\\1'; }\n${calls.join('\n')}\n`;
    const out = execFileSync('/bin/sh', ['-c', script], {
      encoding: 'utf8',
      env: {},
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return out
      .split('\u0001')
      .slice(0, -1)
      .map((one) => one.split('\0').slice(0, -1));
  };

  test('a shell reads it as it is meant, whatever was sent', () => {
    const places = [
      'ARGS:q',
      'ARGS:json.a.b',
      'REQUEST_COOKIES:c',
      'REQUEST_HEADERS:X-A',
      'REQUEST_BODY',
      'XML',
    ];
    const calls: string[] = [];
    fc.assert(
      fc.property(
        hostile,
        fc.constantFrom(...places),
        fc.constantFrom('GET', 'POST', 'PUT'),
        (text, place, method) => {
          const uri = `/a${text.replaceAll(/\s/g, '')}?q=${text}`;
          calls.push(
            curlCall(
              transaction(method, uri, place.includes('json') ? 'application/json' : null),
              [hit(place, `Matched Data: x found within ${place}: ${text}`)],
              settings,
            ),
          );
        },
      ),
      { numRuns: 120 },
    );
    const read = argumentsOf(calls);
    expect(read).toHaveLength(calls.length);
    for (const words of read) {
      expect(words.slice(0, 4)).toEqual([
        '-H',
        'x-format-output: txt-matched-rules',
        '-H',
        'x-crs-paranoia-level: 2',
      ]);
      expect(words.at(-1)).toMatch(/^https:\/\/sandbox\.coreruleset\.org\/[\x21-\x7e•]*$/);
      for (const option of words.slice(4, -1).filter((_, at) => at % 2 === 0))
        expect(option).toMatch(/^(?:-H|-X|--cookie|--data-raw|--data-urlencode)$/);
    }
    expect(
      argumentsOf(
        NASTY.filter((one) => !one.includes('\0')).map((one) => `curl ${quoted(one.toWellFormed())}`),
      ),
    ).toEqual(NASTY.filter((one) => !one.includes('\0')).map((one) => [one.toWellFormed()]));
  });

  test('fields stand where they were: in the query, in a form, in JSON, in a cookie', () => {
    const found = (target: string, value: string): StoredHit =>
      hit(target, `Matched Data: x found within ${target}: ${value}`);
    const options = (one: Transaction, ...hits: StoredHit[]): readonly string[] =>
      argumentsOf([curlCall(one, hits, settings)])[0]?.slice(4) ?? [];
    const FORM = 'application/x-www-form-urlencoded';
    expect(options(transaction('GET', '/search?q=1', null), found('ARGS:q', "1' or 2"))).toEqual([
      "https://sandbox.coreruleset.org/search?q=0'%20or%200",
    ]);
    expect(options(transaction('POST', '/cart', FORM), found('ARGS:note', 'a union b'))).toEqual([
      '--data-urlencode',
      'note=a union b',
      'https://sandbox.coreruleset.org/cart',
    ]);
    expect(options(transaction('PUT', '/api', 'application/json'), found('ARGS:json.a.b', 'select'))).toEqual(
      [
        ...['-X', 'PUT', '-H', 'Content-Type: application/json', '--data-raw', '{"a":{"b":"select"}}'],
        'https://sandbox.coreruleset.org/api',
      ],
    );
    expect(options(transaction('GET', '/', null), found('REQUEST_COOKIES:lang', '••••'))).toEqual([
      '--cookie',
      'lang=••••',
      'https://sandbox.coreruleset.org/',
    ]);
  });
});
