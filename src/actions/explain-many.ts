// Explains what is about several addresses: a net, a domain, a rule, or a mail of many. Lists their incidents.
import { maskLine } from '../analyse/mask.ts';
import { count } from '../analyse/sentences.ts';
import { onlyAddsUp } from '../analyse/score.ts';
import type { LfdMail } from '../parse/lfd-mail.ts';
import { netCovers } from '../parse/address.ts';
import type { IncidentRecord } from '../store/incidents.ts';
import { logCoverage } from './coverage.ts';
import type { Desk } from './desk.ts';
import type { Asked, Explanation, Statement } from './explanation.ts';
import { pastedStatements } from './headline.ts';
import { incidentRow } from './incident-row.ts';
import { BEFORE_ANSWER, judgePending } from './judge.ts';
import { isForeign, mailView } from './mail-view.ts';
import { missingOf } from './missing.ts';
import { readPasted } from './pasted.ts';
import { serverView } from './server.ts';
import { triggerWords } from './triggers.ts';
import { findEntry, matchesEntry } from './block.ts';

const MOST = 500;

/** The incidents of all addresses that the target is about, newest first; `incident` and `block` are null. */
export async function explainMany(desk: Desk, asked: Asked, mail: LfdMail | null): Promise<Explanation> {
  await judgePending(desk.ctx, desk.clock, desk.vhosts, { most: BEFORE_ANSWER });
  const foreign = mail !== null && isForeign(desk, mail);
  const records = foreign ? [] : recordsFor(desk, asked, mail).slice(0, MOST);
  const logs = desk.ctx.host.logs('error_log');
  const coverage = [
    logCoverage(desk.ctx, desk.clock, logs, { kind: 'error_log', window: null, used: records.length }),
  ];
  const statements = statementsFor(desk, asked, mail);
  const known = records.length > 0 || mail !== null || statements.length > 0;
  const complete =
    coverage.every((one) => one.state === 'ok') && (asked.kind !== 'cidr' || desk.firewall.readable);
  return {
    asked,
    outcome: known ? 'answered' : complete ? 'no-trace' : 'gap',
    headline: headline(asked, mail, records),
    lead: lead(asked, records, mail),
    answers: null,
    block: null,
    mail: mail === null ? null : mailView(desk, mail),
    incident: null,
    incidents: records.map((record) => incidentRow(desk, record)),
    ledger: null,
    evidence: [],
    verdict: null,
    actors: [],
    statements,
    coverage,
    missing: missingOf(desk, coverage),
    raw: [],
    ticket: '',
    server: serverView(desk.ctx, desk.clock),
  };
}

function recordsFor(desk: Desk, asked: Asked, mail: LfdMail | null): IncidentRecord[] {
  const value = asked.value ?? '';
  const { incidents } = desk.ctx.store;
  if (mail !== null && !value.includes('/')) {
    return mail.addresses.flatMap((address) => incidents.ofClient(address)).sort((a, b) => b.to - a.to);
  }
  const all = incidents.newest(null);
  if (asked.kind === 'domain') {
    const names = namesOf(desk, value);
    return all.filter((record) => record.vhosts.some((vhost) => names.has(vhost)));
  }
  if (asked.kind === 'ruleId') return all.filter((record) => record.ruleIds.includes(value));
  return all.filter((record) => netCovers(value, record.client));
}

/** All host names of the vhost that serves a domain: an alias is the same vhost. */
function namesOf(desk: Desk, domain: string): Set<string> {
  const vhost = desk.vhosts.vhostOf(domain);
  if (vhost === null) return new Set([domain]);
  return new Set([domain, vhost, ...desk.vhosts.namesOf(vhost), ...desk.ctx.host.aliases(vhost)]);
}

function headline(asked: Asked, mail: LfdMail | null, records: readonly IncidentRecord[]): string {
  const value = asked.value ?? '';
  const many = count(records.length, 'incident');
  if (mail !== null) {
    const words = triggerWords(mail.trigger, mail.count, mail.intervalSeconds);
    const what = mail.account === null ? '' : ` on account ${mail.account}`;
    return `lfd blocked ${value === '' ? count(mail.addresses.length, 'address', 'addresses') : value}${what}${words === null ? '' : `: ${words}`}.`;
  }
  if (asked.kind === 'ruleId' && onlyAddsUp(value))
    return `${value} only adds up the points of other rules; it took part in ${many}.`;
  const where = { domain: `on ${value}`, ruleId: `with rule ${value}`, cidr: `from ${value}` }[
    asked.kind as 'domain' | 'ruleId' | 'cidr'
  ];
  return records.length === 0 ? `No incident ${where} in the logs that were read.` : `${many} ${where}.`;
}

function lead(asked: Asked, records: readonly IncidentRecord[], mail: LfdMail | null): string {
  if (records.length === 0 && mail !== null) {
    return 'None of the addresses that the mail names has an incident in the logs that were read.';
  }
  if (records.length === 0) return 'That says nothing about times that the logs do not reach.';
  const clients = new Set(records.map((record) => record.client)).size;
  const attacks = records.filter((record) => record.judgement?.verdict.label === 'attack').length;
  return `${count(clients, 'address', 'addresses')}, ${attacks} of ${records.length} judged attacks. ${asked.kind === 'ruleId' ? 'Open one to see what else scored.' : 'Open one to see its requests and rules.'}`;
}

/** Whether csf holds these addresses or nets now, each with its entry; nothing when its list could not be read. */
function blockedNow({ firewall, clock }: Desk, addresses: readonly string[]): Statement[] {
  if (!firewall.readable) return [];
  return addresses.slice(0, 20).map((address) => {
    const entry = findEntry(firewall, address, clock.now);
    if (entry === null) return { basis: 'known', sentence: `csf does not hold ${address} now.`, lines: [] };
    const where = entry.list === 'tempban' ? 'csf.tempban' : 'csf.deny';
    return { basis: 'known', sentence: `${address} is blocked now (${where}).`, lines: [entry.ref] };
  });
}

function statementsFor(desk: Desk, asked: Asked, mail: LfdMail | null): Statement[] {
  const said: Statement[] = [];
  if (mail !== null) {
    const { transactions } = readPasted(desk.ctx, desk.clock, mail.lines, mail.offsetMinutes);
    said.push(...pastedStatements(desk, mail, transactions, { logged: false, covered: false }));
    said.push({ basis: 'known', sentence: `The text names ${mail.addresses.join(', ')}.`, lines: [] });
  }
  const value = asked.value ?? '';
  if (mail !== null && !isForeign(desk, mail))
    said.push(...blockedNow(desk, value === '' ? mail.addresses : [value]));
  if (value.includes('/')) {
    for (const entry of desk.firewall.deny.filter((one) => matchesEntry(one, value)).slice(0, 20)) {
      said.push({
        basis: 'known',
        sentence: `csf.deny holds ${entry.target.address ?? ''}: ${maskLine(entry.comment)}`,
        lines: [entry.ref],
      });
    }
  }
  return said;
}
