// What is known of an address beyond its requests, as evidence: each item present, absent and unknown.
import { describe, expect, it } from '@jest/globals';
import { caughtElsewhere, listed } from '../../src/analyse/evidence/history.ts';
import { NO_FACTS, type EvidenceInput } from '../../src/analyse/evidence/evidence-input.ts';
import { crawler, knownClient } from '../../src/analyse/evidence/known-client.ts';
import { originName } from '../../src/analyse/evidence/origin-name.ts';
import type { AddressFacts, LfdCatch, OwnerLogin, ReverseName } from '../../src/model-evidence.ts';
import { access, input, request, START, transaction } from './fixtures.ts';

const GOOGLE = 'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)';
const BING = 'Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)';
const ref = { file: '/var/log/lfd.log', offset: 7 };

function known(facts: Partial<AddressFacts>, more: Partial<EvidenceInput> = {}): EvidenceInput {
  return input({ ...more, facts: { ...NO_FACTS, ...facts } });
}

function reverse(state: ReverseName['state'], name: string | null = null): { reverse: ReverseName } {
  return { reverse: { state, name, at: state === 'unknown' ? null : START } };
}

function byAgent(agent: string | null, facts: Partial<AddressFacts>): EvidenceInput {
  const one = transaction('a', 0, { request: request({ userAgent: agent }), sources: ['audit_log'] });
  return known(facts, { transactions: [one], day: [one] });
}

describe('C7: a crawler that DNS proves', () => {
  it('holds when the confirmed name is one of the crawler that it claims to be', () => {
    const item = crawler(byAgent(GOOGLE, reverse('confirmed', 'crawl-203-0-113-7.googlebot.com')));
    expect(item).toMatchObject({ id: 'C7', status: 'present', weight: -3, direction: 'against' });
    expect(item.sentence).toBe(
      'Really Googlebot: its host name crawl-203-0-113-7.googlebot.com and its address agree.',
    );
    expect(item.lines).toHaveLength(1);
  });

  it('is a false claim when DNS answers another name, none, or one that does not lead back', () => {
    const answers: readonly (readonly [ReverseName['state'], string | null, string])[] = [
      ['confirmed', 'vps-7.example.net', 'its host name is vps-7.example.net'],
      [
        'confirmed',
        'msnbot-203-0-113-7.search.msn.com',
        'its host name is msnbot-203-0-113-7.search.msn.com',
      ],
      ['confirmed', 'crawl.googlebot.com.example.net', 'its host name is crawl.googlebot.com.example.net'],
      [
        'mismatch',
        'crawl-1.googlebot.com',
        'its host name crawl-1.googlebot.com does not lead back to its address',
      ],
      ['mismatch', null, 'its address has no usable host name'],
      ['none', null, "its address has no host name, and that crawler's addresses all have one"],
    ];
    for (const [state, name, words] of answers) {
      const item = crawler(byAgent(GOOGLE, reverse(state, name)));
      expect(item).toMatchObject({ id: 'C7x', status: 'present', weight: 3, direction: 'for' });
      expect(item.sentence).toBe(`It calls itself Googlebot, but ${words}.`);
    }
  });

  it('is unknown while DNS has not answered, and where no line tells a program', () => {
    expect(crawler(byAgent(GOOGLE, reverse('unknown')))).toMatchObject({
      id: 'C7',
      status: 'unknown',
      weight: 0,
    });
    const bare = transaction('a', 0);
    const silent = known(reverse('confirmed', 'crawl-1.googlebot.com'), {
      transactions: [bare],
      day: [bare],
    });
    expect(crawler(silent)).toMatchObject({ id: 'C7', status: 'unknown' });
  });

  it('is absent for browsers, whatever the host name', () => {
    for (const agent of ['Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0', null]) {
      const item = crawler(byAgent(agent, reverse('confirmed', 'crawl-1.googlebot.com')));
      expect(item).toMatchObject({ id: 'C7', status: 'absent', weight: 0 });
    }
  });

  it('looks at the access lines too, and is content when one of several claims is proved', () => {
    const bare = transaction('a', 0);
    const hits = [access(0, '/', { userAgent: BING }), access(1000, '/x', { userAgent: GOOGLE })];
    const context = { hits, covered: true, total: 2, from: START - 1000, to: START + 1000 };
    const claims = { transactions: [bare], day: [bare], context } as Partial<EvidenceInput>;
    const proved = crawler(known(reverse('confirmed', 'crawl-1.googlebot.com'), claims));
    expect(proved).toMatchObject({ id: 'C7', status: 'present', lines: [hits[1]?.ref] });
    expect(crawler(known(reverse('none'), claims))).toMatchObject({ id: 'C7x', status: 'present' });
  });
});

describe('C8: a client that somebody knows', () => {
  it('says who knows it', () => {
    const item = knownClient(
      known({
        known: [
          { source: 'csf.ignore', words: 'csf.ignore names it (our monitor)', ref },
          { source: 'mark', words: 'You marked it as an uptime monitor', ref: null },
        ],
      }),
    );
    expect(item).toMatchObject({ id: 'C8', status: 'present', weight: -3, lines: [ref] });
    expect(item.sentence).toBe('csf.ignore names it (our monitor) and You marked it as an uptime monitor.');
  });

  it('is absent only when the lists were read', () => {
    expect(knownClient(known({ knownAsked: true }))).toMatchObject({ status: 'absent', weight: 0 });
    expect(knownClient(known({}))).toMatchObject({ status: 'unknown', weight: 0 });
  });
});

describe('O2h, O2c: what the host name reads like', () => {
  it('takes the confirmed name, else the one that lfd printed', () => {
    const dsl = 'dsl-203-0-113-7.example.net';
    const own = originName(known({ ...reverse('confirmed', 'vps-7.example.net'), lfdName: dsl }));
    expect(own).toMatchObject({ id: 'O2h', status: 'present', weight: 0.5, basis: 'known' });
    const printed = originName(known({ ...reverse('unknown'), lfdName: dsl }));
    expect(printed).toMatchObject({ id: 'O2c', status: 'present', weight: -0.5, basis: 'inferred' });
    expect(printed.sentence).toContain('lfd printed');
    const differs = originName(known({ ...reverse('mismatch', 'vps-7.example.net'), lfdName: dsl }));
    expect(differs).toMatchObject({ id: 'O2c', status: 'present' });
  });

  it('is absent for names that say nothing and for addresses without a name, unknown when nobody could tell', () => {
    expect(originName(known(reverse('confirmed', 'mail.example.com')))).toMatchObject({ status: 'absent' });
    expect(originName(known(reverse('none')))).toMatchObject({ status: 'absent' });
    expect(originName(known(reverse('mismatch', 'vps-7.example.net')))).toMatchObject({ status: 'absent' });
    expect(originName(known(reverse('unknown')))).toMatchObject({ id: 'O2h', status: 'unknown', weight: 0 });
  });

  it('shows the end of a long name', () => {
    const name = `${'a'.repeat(60)}.${'b'.repeat(60)}.vps.example.net`;
    const { sentence } = originName(known(reverse('confirmed', name)));
    expect(sentence).toContain('.vps.example.net) reads');
    expect(sentence.length).toBeLessThan(140);
  });
});

describe('L1: caught elsewhere', () => {
  const caught = (trigger: string | null): LfdCatch => ({ at: START - 86_400_000, trigger, ref });
  const login: OwnerLogin = {
    address: '203.0.113.7',
    service: 'imap',
    user: 'info@shop.example.com',
    firstAt: START,
    lastAt: START,
    ref,
  };

  it('counts what lfd caught it on', () => {
    const once = caughtElsewhere(known({ caught: [caught('LF_SSHD')] }));
    expect(once).toMatchObject({ id: 'L1', status: 'present', weight: 2, lines: [ref] });
    expect(once.sentence).toBe('lfd caught it once on other services in the 30 days before (LF_SSHD).');
    const triggers = ['LF_SSHD', 'LF_FTPD', 'LF_SSHD', 'LF_IMAPD', 'LF_CPANEL', 'PS_LIMIT'];
    const often = caughtElsewhere(known({ caught: triggers.map(caught), logins: [] }));
    expect(often.sentence).toBe(
      'lfd caught it 6 times on other services in the 30 days before (LF_SSHD, LF_FTPD, LF_IMAPD and 2 more).',
    );
  });

  it('reads failed mail logins as an old password while an owner logs in from there', () => {
    const mail = [caught('LF_IMAPD'), caught('LF_SMTPAUTH')];
    expect(caughtElsewhere(known({ caught: mail, logins: null }))).toMatchObject({ status: 'present' });
    expect(caughtElsewhere(known({ caught: mail, logins: [] }))).toMatchObject({ status: 'present' });
    const hit = { transactions: [transaction('a', 0)], day: [transaction('a', 0)] };
    const owner = caughtElsewhere(known({ caught: mail, logins: [login] }, hit));
    expect(owner).toMatchObject({ status: 'absent', weight: 0 });
    expect(owner.sentence).toContain('2 blocks for failed mail logins');
    const both = caughtElsewhere(known({ caught: [...mail, caught('LF_SSHD')], logins: [login] }, hit));
    expect(both).toMatchObject({ status: 'present' });
    expect(both.sentence).toContain('once');
    // Somebody else's mailbox excuses nothing.
    const other = { ...login, user: 'info@other.example.net' };
    expect(caughtElsewhere(known({ caught: mail, logins: [other] }, hit))).toMatchObject({
      status: 'present',
    });
  });

  it('is absent when there was nothing, unknown without lfd.log', () => {
    expect(caughtElsewhere(known({ caught: [] }))).toMatchObject({ status: 'absent', weight: 0 });
    expect(caughtElsewhere(known({ caught: null }))).toMatchObject({ status: 'unknown', weight: 0 });
  });
});

describe('L3: in a block list', () => {
  it('names the lists', () => {
    const listing = (list: string): NonNullable<AddressFacts['listings']>[number] => ({
      list,
      entry: '203.0.113.0/24',
      ref: { file: `/var/lib/csf/csf.block.${list}`, offset: 0 },
    });
    const one = listed(known({ listings: [listing('SPAMDROP')] }));
    expect(one).toMatchObject({ id: 'L3', status: 'present', weight: 1.5 });
    expect(one.sentence).toBe('It is in the block list SPAMDROP that csf has loaded.');
    const more = listed(known({ listings: ['A', 'B', 'A'].map(listing) }));
    expect(more.sentence).toBe('It is in 2 block lists A and B that csf has loaded.');
    expect(more.lines).toHaveLength(3);
  });

  it('is absent when no list holds it, unknown when none is loaded', () => {
    expect(listed(known({ listings: [] }))).toMatchObject({ id: 'L3', status: 'absent', weight: 0 });
    expect(listed(known({ listings: null }))).toMatchObject({ id: 'L3', status: 'unknown', weight: 0 });
  });
});
