// Every entry of the tables of words fires on its own texts and on none of its innocent ones; together the innocent
// texts of all tables fire nothing.
import { describe, expect, test } from '@jest/globals';
import { probeKind } from '../../../src/analyse/probe.ts';
import { ATTACK_TOOLS, TOOL_ENTRIES } from '../../../src/analyse/patterns/attack-tools.ts';
import { AUTHOR_FIELDS } from '../../../src/analyse/patterns/authors.ts';
import {
  LABEL_ENTRIES,
  LIBRARY_ENTRIES,
  SCRIPT_LIBRARIES,
  SERVICE_LABELS,
} from '../../../src/analyse/patterns/clients.ts';
import { FIELDS, FREE, PASSWORD, SEARCH, URL_FIELDS } from '../../../src/analyse/patterns/fields.ts';
import type { PatternEntry } from '../../../src/analyse/patterns/pattern-entry.ts';
import {
  PROBE_BACKUP,
  PROBE_HARD,
  PROBE_INSTALLED,
  PROBE_QUERY,
} from '../../../src/analyse/patterns/probe-entries.ts';
import { TRACKING } from '../../../src/analyse/patterns/tracking.ts';
import { authorField } from '../../../src/analyse/value-place.ts';
import { serviceDomain } from '../../../src/analyse/evidence/evidence-input.ts';

const TABLES: readonly (readonly [string, readonly PatternEntry[]])[] = [
  ['hard probes', PROBE_HARD],
  ['switches of exploits', PROBE_QUERY],
  ['back-ups', PROBE_BACKUP],
  ['tools that may be installed', PROBE_INSTALLED],
  ['free text', FREE],
  ['search', SEARCH],
  ['password', PASSWORD],
  ['address', URL_FIELDS],
  ['tracking', TRACKING],
  ['attack tools', TOOL_ENTRIES],
  ['libraries', LIBRARY_ENTRIES],
  ['service labels', LABEL_ENTRIES],
];
const fitsOf = (entries: readonly PatternEntry[]): string[] => entries.flatMap((entry) => entry.fits);
const fitsNotOf = (entries: readonly PatternEntry[]): string[] => entries.flatMap((entry) => entry.fitsNot);

describe.each(TABLES)('%s', (_name, entries) => {
  test.each(entries.map((entry) => [entry.re.source.slice(0, 60), entry] as const))(
    '%s',
    (_source, entry) => {
      expect(entry.fits.length).toBeGreaterThan(0);
      expect(entry.fitsNot.length).toBeGreaterThan(0);
      expect(entry.fits.filter((text) => !entry.re.test(text))).toEqual([]);
      expect(entry.fitsNot.filter((text) => entry.re.test(text))).toEqual([]);
      expect(entry.re.flags).toBe('i');
    },
  );

  test('no innocent text fires another entry of the table', () => {
    expect(fitsNotOf(entries).filter((text) => entries.some((entry) => entry.re.test(text)))).toEqual([]);
  });
});

describe('all tables together', () => {
  test('a probe is a probe, an installed tool may be one, and nothing innocent is', () => {
    const hard = [...PROBE_HARD, ...PROBE_QUERY, ...PROBE_BACKUP];
    expect(fitsOf(hard).filter((uri) => probeKind(uri) !== 'probe')).toEqual([]);
    expect(fitsOf(PROBE_INSTALLED).filter((uri) => probeKind(uri) !== 'maybe-installed')).toEqual([]);
    const innocent = [...fitsNotOf(hard), ...fitsNotOf(PROBE_INSTALLED)];
    expect(innocent.filter((uri) => probeKind(uri) === 'probe')).toEqual([]);
  });

  test('what a query quotes is no probe, and encoding hides none', () => {
    for (const uri of fitsOf([...PROBE_HARD, ...PROBE_BACKUP]).filter((one) => !/[%;&?#\\]/.test(one))) {
      expect([uri, probeKind(`/search?q=${uri}`)]).toEqual([uri, null]);
      expect([uri, probeKind(uri.replace('.', '%2e'))]).toEqual([uri, 'probe']);
    }
  });

  test('names of browsers, monitors, crawlers and programs name no attack tool', () => {
    const names = [
      ...fitsOf(LIBRARY_ENTRIES),
      ...fitsNotOf(LIBRARY_ENTRIES),
      ...fitsNotOf(TOOL_ENTRIES),
      ...AGENTS,
    ];
    expect(names.filter((name) => ATTACK_TOOLS.test(name))).toEqual([]);
    expect(fitsOf(TOOL_ENTRIES).filter((name) => !ATTACK_TOOLS.test(name))).toEqual([]);
    expect(AGENTS.filter((name) => SCRIPT_LIBRARIES.test(name))).toEqual([]);
    expect(fitsOf(LIBRARY_ENTRIES).filter((name) => !SCRIPT_LIBRARIES.test(name))).toEqual([]);
  });

  test('the name of a field says one kind, but for texts that are searched for', () => {
    const own = [
      ['free', FREE],
      ['search', SEARCH],
      ['password', PASSWORD],
      ['url', URL_FIELDS],
      ['tracking', TRACKING],
    ] as const;
    for (const [kind, entries] of own) {
      expect(fitsOf(entries).filter((name) => !FIELDS[kind].test(name))).toEqual([]);
      expect(fitsNotOf(entries).filter((name) => FIELDS[kind].test(name))).toEqual([]);
      for (const [other, others] of own.filter(([name]) => name !== kind)) {
        const both = fitsOf(others).filter((name) => FIELDS[kind].test(name));
        const shared = ['search', 'free'].includes(kind) && ['search', 'free'].includes(other);
        expect(both.filter((name) => !shared || !['query', 'text'].includes(name))).toEqual([]);
      }
    }
  });

  test('labels of services', () => {
    expect(fitsOf(LABEL_ENTRIES).filter((name) => serviceDomain(name) === null)).toEqual([]);
    expect(fitsNotOf(LABEL_ENTRIES).filter((name) => serviceDomain(name) !== null)).toEqual([]);
    expect([...SERVICE_LABELS].length).toBe(LABEL_ENTRIES.length);
  });
});

describe('author fields', () => {
  test.each(
    AUTHOR_FIELDS.map((entry) => [`${entry.app} ${entry.field.source.slice(0, 40)}`, entry] as const),
  )('%s', (_name, entry) => {
    const found = (path: string, name: string, value: string, where: 'body' | 'query') =>
      authorField(path, { field: `ARGS:${name}`, name, value, where, kind: 'argument' });
    for (const [path, name, value = 'x'] of entry.fits) {
      expect([path, name, found(path, name, value, 'body')?.app]).toEqual([path, name, entry.app]);
      const sql = ['phpmyadmin', 'adminer'].includes(entry.app);
      expect([path, name, found(path, name, value, 'query') !== null]).toEqual([path, name, sql]);
    }
    for (const [path, name, value = 'x'] of entry.fitsNot) {
      expect([path, name, found(path, name, value, 'body')]).toEqual([path, name, null]);
    }
  });

  test('no field that visitors write into is an author field outside of a back office', () => {
    const names = [...fitsOf(FREE), ...fitsOf(SEARCH), ...fitsOf(PASSWORD), ...fitsOf(URL_FIELDS)];
    for (const path of [
      '/',
      '/contact.php',
      '/kontakt/',
      '/forum/posting.php',
      '/wp-comments-post.php',
      '/cart/add',
    ]) {
      const found = names.filter(
        (name) =>
          authorField(path, { field: `ARGS:${name}`, name, value: 'x', where: 'body', kind: 'argument' }) !==
          null,
      );
      expect([path, found]).toEqual([path, []]);
    }
  });
});

const AGENTS: readonly string[] = [
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36',
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1',
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0',
  'Mozilla/5.0 (Linux; Android 15; SM-S931B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36',
  'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)',
  'Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)',
  'Mozilla/5.0 (compatible; SeznamBot/4.0; +https://o-seznam.cz/napoveda/vyhledavani/en/seznambot-crawler/)',
  'Mozilla/5.0 (compatible; YandexBot/3.0; +http://yandex.com/bots)',
  'facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)',
  'WordPress/6.9; https://shop.example.com',
  'Mozilla/5.0 (compatible; UptimeRobot/2.0; http://www.uptimerobot.com/)',
  'check_http/v2.3.3 (monitoring-plugins 2.3.3)',
  "Mozilla/5.0 (compatible; Let's Encrypt validation server; +https://www.letsencrypt.org)",
  'Mozilla/5.0 (compatible; heritrix/3.4.0 +http://archive.org)',
  'Thunderbird/128.3.0',
  'Opera/9.80 (Windows NT 6.1) Presto/2.12.388 Version/12.18',
  'DuckDuckBot/1.1; (+http://duckduckgo.com/duckduckbot.html)',
  'Feedly/1.0 (+http://www.feedly.com/fetcher.html; 12 subscribers)',
];
