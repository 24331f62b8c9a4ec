// The 40 real mails against the committed table of what each carries, and what people do to mails when they paste them.
import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseLfdMail, type LfdMail } from '../../src/parse/lfd-mail.ts';

interface Row {
  readonly file: string;
  readonly kind: LfdMail['kind'];
  readonly address: string | null;
  readonly addresses: readonly string[];
  readonly trigger: string;
  /** `tag`: it stands in the mail; `app`, `kind`: it follows from them. */
  readonly triggerFrom: 'tag' | 'app' | 'kind';
  readonly count: number;
  readonly intervalSeconds: number | null;
  readonly permanent: boolean | null;
  readonly temporarySeconds: number | null;
  readonly lines: number;
  readonly at: string;
  readonly host: string;
}

const folder = new URL('../mails/', import.meta.url);
const rows = JSON.parse(readFileSync(new URL('expected.json', folder), 'utf8')) as Row[];
const readMail = (file: string): string => readFileSync(new URL(file, folder), 'utf8');
const mails = rows.map((row) => readMail(row.file));
const parse = (text: string): LfdMail => {
  const mail = parseLfdMail(text);
  if (mail === null) throw new Error('not understood');
  return mail;
};
const without = (value: object, ...keys: readonly string[]): object =>
  Object.fromEntries(Object.entries(value).filter(([key]) => !keys.includes(key)));
const body = (mail: string): string => mail.slice(mail.indexOf('\n\n') + 2);
const wrap = (text: string, width: number): string =>
  text
    .split('\n')
    .map((line) => line.replace(new RegExp(`(.{1,${String(width)}})(?: +|$)`, 'g'), '$1\n').trimEnd())
    .join('\n');
const entities = (text: string): string =>
  text.replace(
    /[&<>"']/g,
    (char) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' })[char] ?? char,
  );
const quotedPrintable = (text: string): string =>
  text
    .replace(/=/g, '=3D')
    .split('\n')
    .map((line) => line.replace(/(.{73})(?=.)/g, (piece) => `${piece}=\n`))
    .join('\n')
    // A soft break may not split an encoded character.
    .replace(/=(3?)=\n(3?D)/g, '=$1$2=\n');
const mail03 = readMail('03-LF_MODSEC.eml');
const value03 = parse(mail03);

test('the table names every mail, and no mail holds an address outside the documentation ranges', () => {
  expect(rows.map((row) => row.file)).toEqual(
    readdirSync(folder)
      .filter((name) => name.endsWith('.eml'))
      .sort(),
  );
  const others = mails
    .join('\n')
    .match(/\b(?!192\.0\.2\.|198\.51\.100\.|203\.0\.113\.)(?:\d{1,3}\.){3}\d{1,3}\b/g);
  expect(others).toBeNull();
});

describe('each mail gives what the table says', () => {
  test.each(rows)('$file', (row) => {
    const { at, lines, ...rest } = parse(readMail(row.file));
    expect(rest).toMatchObject(without(row, 'file', 'triggerFrom', 'lines', 'at'));
    expect(lines).toHaveLength(row.lines);
    expect(at).toBe(Date.parse(row.at));
  });
});

describe('the log lines come out as the log has them', () => {
  test('joined and wrapped ones (mail 37)', () => {
    const { lines } = parse(readMail('37-LF_MODSEC.eml'));
    for (const [index, line] of lines.entries()) {
      expect(line).toMatch(
        /^\[Sun Nov 22 13:09:01\.\d{6} 2026\] \[:error\] \[pid 1:tid 2\] \[client 198\.51\.100\.150:5\d\] /,
      );
      expect(line).toMatch(/ \[hostname "shop\.example\.com"\] \[uri "\/search"\] \[unique_id "\w+"\]$/);
      expect(line).toContain('padword69 padword70 ');
      expect(line).toContain(`b00${String(index + 1)}"]`);
      expect(line).not.toContain('  ');
    }
  });
  test('of two apps (mail 36)', () => {
    const { lines } = parse(readMail('36-LF_MODSEC.eml'));
    expect(lines[1]).toBe(
      '[Sun Nov 22 13:09:01.621067 2026] [auth_basic:error] [pid 1:tid 2] [client 198.51.100.151:52] AH01618: user bob2 not found: /admin/',
    );
  });
  test('those of an X-ARF are those of its mail', () => {
    expect(parse(readMail('25-XARF.eml')).lines).toEqual(parse(readMail('23-LF_MODSEC.eml')).lines);
  });
  test('the warning about csf.allow and the account are seen', () => {
    expect(
      rows.filter((row) => parse(readMail(row.file)).inAllow).map((row) => row.file.slice(0, 2)),
    ).toEqual(['38', '39', '40']);
    expect(parse(readMail('32-LF_DISTATTACK.eml'))).toMatchObject({ account: 'carol', apps: ['htpasswd'] });
  });
});

describe('a mail means the same', () => {
  const variants: readonly (readonly [string, (text: string) => string])[] = [
    ['with CRLF', (text) => text.replace(/\n/g, '\r\n')],
    ['with CR and a BOM', (text) => `\ufeff${text.replace(/\n/g, '\r')}`],
    ['quoted once', (text) => text.replace(/^/gm, '> ')],
    ['quoted three times without blanks', (text) => text.replace(/^/gm, '>>>')],
    [
      'quoted under a reply',
      (text) =>
        `Hi,\nplease look: is 192.0.2.99 ours?\n\nOn Sun, Nov 22, 2026 at 1:05 PM root <root@example.com> wrote:\n${text.replace(/^/gm, '> ')}\n\n-- \nAda\nPhone: 5\n`,
    ],
    [
      'forwarded',
      (text) =>
        `FYI\n\n-------- Forwarded Message --------\nDate: Sun, 22 Nov 2026 13:05:00 +0000\n${text}\n--\nAda, +44 555`,
    ],
    ['with entities', entities],
    ['with entities twice', (text) => entities(entities(text))],
    [
      'as HTML in pre',
      (text) =>
        `<html><head><style>p { color: red }</style></head><body><p>Hello</p><pre>${entities(text)}</pre></body></html>`,
    ],
    ['as HTML with br', (text) => `<div dir="ltr">${entities(text).replace(/\n/g, '<br>\n')}</div>`],
    ['double-spaced', (text) => text.replace(/\n/g, '\n\n')],
    ['with hard blanks', (text) => text.replace(/: {2,}/g, (gap) => `:${'\u00a0'.repeat(gap.length - 1)}`)],
  ];
  for (const [name, change] of variants) {
    test(name, () => {
      for (const [index, mail] of mails.entries()) {
        const { lines, ...rest } = parse(change(mail));
        const { lines: expectedLines, ...expected } = parse(mail);
        expect([rows[index]?.file, rest]).toEqual([rows[index]?.file, expected]);
        expect(lines).toEqual(expectedLines);
      }
    });
  }
  const alerts = rows.filter((row) => row.kind !== 'xarf').map((row) => readMail(row.file));
  test.each([72, 78, 100, 200])('wrapped at %d columns', (width) => {
    for (const mail of alerts) expect(parse(wrap(mail, width))).toEqual(parse(mail));
  });
  test('as quoted-printable, with and without its header', () => {
    for (const mail of alerts) {
      const encoded = quotedPrintable(body(mail));
      const head = mail.slice(0, mail.indexOf('\n\n'));
      const header =
        'MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable';
      expect(parse(`${head}\n${header}\n\n${encoded}`)).toEqual(parse(mail));
    }
    expect(parse(quotedPrintable(mail03))).toEqual(value03);
  });
  test('as an attachment of another mail, in base64', () => {
    for (const mail of mails) {
      const packed = Buffer.from(mail)
        .toString('base64')
        .replace(/(.{76})/g, '$1\n');
      const outer = `Received: from x (x [192.0.2.77])\nX-Originating-IP: 192.0.2.78\nFrom: ada@example.com\nSubject: Fwd\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b1\n\n--b1\nContent-Type: text/plain\n\nsee below\n--b1\nContent-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n${packed}\n--b1--\n`;
      expect(parse(outer)).toEqual(parse(mail));
    }
  });
  test('with typographic quotes', () => {
    expect(parse(mail03.replace(/"([^"]*)"/g, '“$1”'))).toEqual(value03);
  });
  test.each([76, 80, 132])('cut at column %d of a terminal', (width) => {
    const cut = (text: string): string => text.replace(new RegExp(`(.{${String(width)}})(?=.)`, 'g'), '$1\n');
    expect(parse(cut(mail03))).toEqual(value03);
  });
  test('with links behind host names', () => {
    const linked = mail03.replace(/(?:server|shop)\.example\.com/g, '$&<http://$&>');
    expect(parse(linked)).toEqual(value03);
  });
  test('pasted as one paragraph', () => {
    expect(parse(mail03.replace(/\s+/g, ' '))).toEqual(value03);
  });
  test('quoted to any depth, wrapped at any width (property)', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...alerts),
        fc.integer({ min: 60, max: 300 }),
        fc.integer({ min: 0, max: 6 }),
        (mail, width, depth) => {
          expect(parse(wrap(mail, width).replace(/^/gm, '>'.repeat(depth) + (depth > 0 ? ' ' : '')))).toEqual(
            parse(mail),
          );
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('pieces of mail 03', () => {
  test('the body without header', () => {
    expect(parse(body(mail03))).toEqual({ ...value03, host: null });
  });
  test('from "Log entries" on, or only its lines, or one line', () => {
    const fragment = mail03.slice(mail03.indexOf('Log entries'));
    const expected = {
      kind: 'log-lines',
      address: '203.0.113.53',
      trigger: null,
      count: null,
      at: null,
      lines: value03.lines,
    };
    expect(parse(fragment)).toMatchObject(expected);
    expect(parse(value03.lines.join('\n'))).toMatchObject(expected);
    expect(parse(value03.lines[4]!)).toMatchObject({ ...expected, lines: [value03.lines[4]!] });
  });
  test('one line from "ModSecurity:" on', () => {
    const line = value03.lines[0]!;
    const cut = line.slice(line.indexOf('ModSecurity:'));
    expect(parse(cut)).toMatchObject({ kind: 'log-lines', address: null, lines: [cut] });
  });
  test.each(['xx.xx.xx.xx', '***', 'REMOVED', '', '<removed>', '203.0.113.x', '[ip]'])(
    'address written over by "%s"',
    (mask) => {
      const mail = parse(mail03.replaceAll('203.0.113.53', mask).replaceAll('server.example.com', mask));
      expect(mail).toMatchObject({ address: null, addresses: [], host: null });
      const cut = ['address', 'addresses', 'host', 'lines'];
      expect(without(mail, ...cut)).toEqual(without(value03, ...cut));
      expect(mail.lines).toEqual(value03.lines.map((line) => line.replaceAll('203.0.113.53', mask)));
    },
  );
  test('[client ***] and the IP line left out', () => {
    const mail = mail03
      .replace(/\[client [^\]]*\]/g, '[client ***]')
      .replace(/^IP:.*\n/m, '')
      .replace(/^Subject:.*\n/m, '');
    expect(parse(mail)).toMatchObject({
      kind: 'block',
      address: null,
      host: null,
      trigger: 'LF_MODSEC',
      count: 10,
      at: value03.at,
    });
    expect(parse(mail).lines).toHaveLength(10);
  });
  test('the address only in the log lines is taken from there', () => {
    const mail = mail03.replace(/^IP:.*$/m, 'IP: xx.xx.xx.xx').replace(/^Subject:.*$/m, 'Subject: help');
    expect(parse(mail)).toMatchObject({ address: '203.0.113.53', host: null });
  });
});

describe('edited templates', () => {
  const translated: readonly (readonly [string, string])[] = [
    [
      'Portuguese',
      'Assunto: lfd em server.example.com: bloqueado 203.0.113.53 (US/United States/-)\n\nHora:      Sun Nov 22 13:01:38 2026 +0000\nEndereço:  203.0.113.53 (US/United States/-)\nFalhas:    10 (mod_security)\nIntervalo: 3600 segundos\nBloqueio:  Bloqueio permanente [LF_MODSEC]\n\nRegistros:\n\n',
    ],
    [
      'German',
      'Betreff: lfd auf server.example.com: 203.0.113.53 (US/United States/-) gesperrt\n\nSperre:      Dauerhaft [LF_MODSEC]\nIP-Adresse:  203.0.113.53 (US/United States/-)\nFehlschläge: 10 (mod_security)\nZeitraum:    3600 Sekunden\nZeitpunkt:   Sun Nov 22 13:01:38 2026 +0000\n\nProtokoll:\n\n',
    ],
    [
      'Slovak',
      'Predmet: lfd na serveri server.example.com: zablokovaná 203.0.113.53 (US/United States/-)\n\nČas:       Sun Nov 22 13:01:38 2026 +0000\nIP adresa: 203.0.113.53 (US/United States/-)\nPokusy:    10 (mod_security)\nInterval:  3600 sekúnd\nBlokované: Trvalo [LF_MODSEC]\n\n',
    ],
    [
      'Russian',
      'Тема: lfd на server.example.com: заблокирован 203.0.113.53 (US/United States/-)\n\nВремя:      Sun Nov 22 13:01:38 2026 +0000\nIP-адрес:   203.0.113.53 (US/United States/-)\nПопыток:    10 (mod_security)\nИнтервал:   3600 секунд\nБлокировка: Постоянная [LF_MODSEC]\n\nЗаписи журнала:\n\n',
    ],
  ];
  test.each(translated)('%s', (_language, head) => {
    const lines = mail03.slice(mail03.indexOf('[Sun'));
    expect(parse(head + lines)).toEqual(value03);
    const temporary = parse(
      head.replace(/\n[^\n]*\[LF_MODSEC\]/, '\nX: Временно на 900 с [LF_MODSEC]') + lines,
    );
    expect(temporary).toMatchObject({ permanent: false, temporarySeconds: 900 });
  });
});

describe('forged parts', () => {
  const forged =
    '[Sun Nov 22 13:01:35.000000 2026] [:error] [pid 1] [client 192.0.2.66:1] ModSecurity: Access denied with code 403 (phase 2). [id \\"1\\"] [unique_id \\"f\\"]';
  const withData = (data: string): string =>
    mail03.replaceAll('[severity "CRITICAL"]', `[data "${data}"] [severity "CRITICAL"]`);
  test.each([
    ['in a line', `x ${forged} y`],
    ['at the start of a wrapped line', `x\n${forged}\ny`],
    ['as fields of the mail', 'x\nIP: 192.0.2.66\nBlocked: Permanent Block [LF_SSHD]\nFailures: 3 (sshd)\ny'],
    ['as entities', 'x&quot;] [id &quot;1&quot;] [client 192.0.2.66] <br>\n<br>\n<p>\ny'],
    ['as a connection', 'x\ntcp: 192.0.2.66:1 -> 192.0.2.1:80 (X)\ny'],
    ['as a second mail', 'x\nSubject: lfd on other.example.com: blocked 192.0.2.66\ny'],
  ])('a visitor writes %s', (_name, data) => {
    const mail = parse(withData(data));
    expect(without(mail, 'lines')).toEqual(without(value03, 'lines'));
    expect(mail.lines).toHaveLength(10);
    expect(mail.lines[3]).toContain(`[data "${data.replaceAll('\n', ' ')}"]`);
  });
  test('a host name with addresses and tags', () => {
    const name = 'US/United States/x 192.0.2.66 [LF_SSHD] Failures: 3 (sshd)';
    expect(parse(mail03.replaceAll('US/United States/-', name))).toEqual(value03);
  });
  test('a referer behind a line, an IP in the uri', () => {
    const mail = mail03
      .replaceAll('AAAEs"]', `AAAEs"], referer: https://192.0.2.66/${forged}`)
      .replaceAll('/.env', '/192.0.2.66/')
      .replace(/^IP:.*\n/m, '')
      .replace(/^Subject:.*$/m, 'Subject: x');
    expect(parse(mail)).toMatchObject({ address: '203.0.113.53', trigger: 'LF_MODSEC' });
    expect(parse(mail).lines).toHaveLength(10);
  });
  test('a line that was cut inside its data does not swallow the next one', () => {
    const mail = mail03.replace(/"\] \[severity "CRITICAL"\][^\n]*"aSGk0kXnq5Qe4V2mXh30002AAAEs"\]/, '');
    expect(parse(mail).lines).toHaveLength(10);
  });
});
