// The data about crawlers, host names and lfd's services, each entry both ways.
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isMailCatch, otherService } from '../../src/analyse/lfd-services.ts';
import { claimedCrawler, CRAWLER_TESTS, CRAWLERS, isNameOf } from '../../src/analyse/patterns/crawlers.ts';
import { ORIGIN_TESTS, originOf } from '../../src/analyse/patterns/origins.ts';
import { parseHostName } from '../../src/parse/host-name.ts';

describe('crawlers', () => {
  it.each(CRAWLER_TESTS.agents)('%s by %s', (name, agent) => {
    expect(claimedCrawler(agent)?.name).toBe(name);
  });

  it.each(CRAWLER_TESTS.others)('nobody by %j', (agent) => {
    expect(claimedCrawler(agent)).toBeNull();
  });

  it.each([...CRAWLER_TESTS.names, ...CRAWLER_TESTS.otherNames])('%s and %s', (name, host) => {
    const crawler = CRAWLERS.find((one) => one.name === name);
    const isOwn = CRAWLER_TESTS.names.some(([, own]) => own === host);
    expect(parseHostName(host)).toBe(host);
    expect(crawler !== undefined && isNameOf(crawler, host)).toBe(isOwn);
  });

  it('has an agent to test with for each, and usable domains', () => {
    const tested = new Set<string>(CRAWLER_TESTS.agents.map(([name]) => name));
    for (const { name, domains } of CRAWLERS) {
      expect([name, tested.has(name)]).toEqual([name, true]);
      for (const domain of domains) expect(parseHostName(domain)).toBe(domain);
    }
  });

  it('reads hostile agents in linear time', () => {
    const started = performance.now();
    for (const part of ['Yandex', 'Google', 'Yahoo! ', '\0', 'a']) claimedCrawler(part.repeat(200_000));
    expect(performance.now() - started).toBeLessThan(200);
  });
});

describe('host names by where they are', () => {
  it.each(ORIGIN_TESTS.rented)('%s is rented', (name) => {
    expect(parseHostName(name)).toBe(name);
    expect(originOf(name)).toBe('rented');
  });

  it.each(ORIGIN_TESTS.line)('%s is a line', (name) => {
    expect(parseHostName(name)).toBe(name);
    expect(originOf(name)).toBe('line');
  });

  it.each(ORIGIN_TESTS.neither)('%s says nothing', (name) => {
    expect(parseHostName(name)).toBe(name);
    expect(originOf(name)).toBeNull();
  });
});

describe('host names as DNS gives them', () => {
  it('takes names as they are used, in lower case without the last dot', () => {
    expect(parseHostName('Crawl-66-249-66-1.GoogleBot.com.')).toBe('crawl-66-249-66-1.googlebot.com');
    expect(parseHostName('_dmarc.example.com')).toBe('_dmarc.example.com');
    expect(parseHostName('a.b')).toBe('a.b');
    expect(parseHostName(`${'a'.repeat(63)}.example`)).toBe(`${'a'.repeat(63)}.example`);
    expect(parseHostName('xn--bcher-kva.example')).toBe('xn--bcher-kva.example');
  });

  it('refuses everything else', () => {
    const bad = [
      ...[
        '',
        '.',
        'localhost',
        'a..b',
        '.a.b',
        'a.b..',
        'host-.example.com',
        '-host.example.com',
        '192.0.2.1',
      ],
      ...['a b.example.com', 'a/b.example.com', 'a\\032b.example.com', "a'b.example.com", 'a"b.example.com'],
      ...['<b>.example.com', '%3c.example.com', 'a\0.example.com', 'a\x1b[31m.example.com', 'ä.example.com'],
      ...['\u202eevil.example.com', 'a\n.example.com', `${'a'.repeat(64)}.example`, `${'a.'.repeat(127)}aa`],
      ...['a'.repeat(1e6), `${'a.'.repeat(5e5)}com`],
    ];
    for (const text of bad)
      expect([text.slice(0, 80), parseHostName(text)]).toEqual([text.slice(0, 80), null]);
  });

  it('never throws, gives only safe characters, and is stable', () => {
    const text = fc.oneof(fc.string({ unit: 'binary', maxLength: 300 }), fc.domain(), fc.webAuthority());
    fc.assert(
      fc.property(text, (name) => {
        const parsed = parseHostName(name);
        if (parsed === null) return;
        expect(parsed).toMatch(/^[a-z0-9._-]{3,253}$/);
        expect(parseHostName(parsed)).toBe(parsed);
        expect([null, 'rented', 'line']).toContain(originOf(parsed));
      }),
    );
  });
});

describe("lfd's other services", () => {
  it('counts failures of other services, and names what is mail', () => {
    for (const trigger of ['LF_SSHD', 'LF_FTPD', 'LF_HTACCESS', 'LF_CPANEL', 'LF_DISTATTACK', 'PS_LIMIT']) {
      expect(otherService({ trigger, apps: [] })).toBe(trigger);
      expect(isMailCatch(trigger)).toBe(false);
    }
    for (const trigger of ['LF_IMAPD', 'LF_POP3D', 'LF_SMTPAUTH']) {
      expect(otherService({ trigger, apps: [] })).toBe(trigger);
      expect(isMailCatch(trigger)).toBe(true);
    }
    expect(isMailCatch(null)).toBe(false);
  });

  it('leaves out ModSecurity, what counts the same requests, sums, and what nobody knows', () => {
    const out = ['LF_MODSEC', 'LF_CXS', 'LF_APACHE_404', 'LF_APACHE_403', 'LF_QOS', 'LF_SYMLINK', 'CT_LIMIT'];
    for (const trigger of [
      ...out,
      'LF_PERMBLOCK',
      'LF_NETBLOCK',
      'LF_CLUSTER',
      'LF_CUSTOMTRIGGER',
      'LT_IMAPD',
      null,
    ])
      expect([trigger, otherService({ trigger, apps: ['sshd'] })]).toEqual([trigger, null]);
  });

  it('looks into failures of several kinds', () => {
    const of = (apps: readonly string[]): string | null => otherService({ trigger: 'LF_TRIGGER', apps });
    expect(of(['mod_security', 'sshd'])).toBe('LF_SSHD');
    expect(of(['imapd', 'mod_security', 'htpasswd'])).toBe('LF_HTACCESS');
    expect(of(['imapd', 'mod_security'])).toBe('LF_IMAPD');
    expect(of(['mod_security', 'own'])).toBeNull();
    expect(of([])).toBeNull();
  });
});
