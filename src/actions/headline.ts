// The page's first sentence, and what a mail adds to it.
import type { Coverage, Transaction, Verdict } from '../model.ts';
import type { LfdMail } from '../parse/lfd-mail.ts';
import { count } from '../analyse/sentences.ts';
import type { Desk } from './desk.ts';
import type { BlockView, Explanation, IncidentView, Statement } from './explanation.ts';
import { isForeign } from './mail-view.ts';
import { blockSentence } from './words.ts';

export interface HeadlineInput {
  readonly who: string;
  readonly outcome: Explanation['outcome'];
  readonly block: BlockView;
  readonly verdict: Verdict | null;
  readonly incident: IncidentView | null;
}

/** The address (or the request asked for) as the subject of a sentence. */
export function whoWords(address: string | null, uniqueId: string | null): string {
  if (address !== null) return address;
  return uniqueId === null ? 'The address (cut out of the text)' : `The request ${uniqueId}`;
}

/** The answer as a sentence: the verdict's words, else what is known of the block, else that nothing is. */
export function headlineOf(input: HeadlineInput): string {
  const { who, outcome, block, verdict, incident } = input;
  if (outcome === 'no-trace')
    return block.address === null
      ? `${who} is not in the logs of this server.`
      : `${who} is not blocked here, and no line of ModSecurity or lfd names it.`;
  if (outcome === 'gap') return `Nothing is known about ${who}: it is not in the logs that are left.`;
  if (verdict !== null && incident !== null && !block.notWaf) return verdict.words;
  if (block.notWaf) return notWafHeadline(who, block);
  if (block.state === 'permanent' || block.state === 'temporary')
    return `${who} is blocked; what it did is not in the logs that are left.`;
  if (block.state === 'none') return `${who} is not blocked here.`;
  return `What happened to ${who} is not in the logs that are left.`;
}

function notWafHeadline(who: string, block: BlockView): string {
  const state = block.state === 'none' ? 'was blocked' : 'is blocked';
  return `${who} ${state} for ${block.triggerWords ?? 'another reason'}, not by ModSecurity.`;
}

/** The lead where no incident is there to tell of. */
export function leadWithoutIncident(
  block: BlockView,
  outcome: Explanation['outcome'],
  coverage: readonly Coverage[],
): string {
  if (outcome === 'answered') return blockSentence(block);
  const gaps = coverage
    .filter((one) => one.state !== 'ok' && one.kind !== 'lfd_log')
    .map((one) => `${one.source}: ${one.sentence}`);
  const elsewhere =
    'If a visitor still cannot get in, look outside csf: the provider’s firewall, cPHulk, a plugin of the site.';
  return gaps.length === 0
    ? `error_log, audit log and lfd.log were read; the search shows what it asked for. ${elsewhere}`
    : `${gaps.join(' ')} Absence there says nothing.`;
}

/** What the mail itself proves, and how it agrees with this server. */
export function pastedStatements(
  desk: Desk,
  mail: LfdMail,
  pasted: readonly Transaction[],
  { logged, covered }: { readonly logged: boolean; readonly covered: boolean },
): Statement[] {
  const said: Statement[] = [];
  if (isForeign(desk, mail)) {
    said.push({
      basis: 'known',
      sentence: `This mail is from ${mail.host ?? 'another server'}, not from this server (${desk.ctx.host.hostname() ?? 'unknown name'}). Only what the mail itself proves is shown; for more, paste it there.`,
      lines: [],
    });
  }
  if (mail.address === null && logged) {
    said.push({
      basis: 'known',
      sentence:
        'The address was cut out of the text; this server’s logs name it by the unique_id of a quoted request.',
      lines: [],
    });
  }
  if (mail.lines.length > 0) {
    const failures = mail.count === null ? '' : `; lfd counted ${count(mail.count, 'line')}`;
    said.push({
      basis: 'known',
      sentence: `The text quotes ${count(mail.lines.length, 'log line')}${failures}.`,
      lines: [],
    });
  }
  if (pasted.length > 0 && !isForeign(desk, mail)) said.push(notHere(pasted.length, logged, covered));
  return said;
}

/** Requests of the text that this server does not know: because its logs do not reach them, or although they do. */
function notHere(requests: number, logged: boolean, covered: boolean): Statement {
  const many = count(requests, 'request');
  if (covered) {
    const sentence = `error_log covers that time and holds none of the ${many} of the text: they were sent to another server of this name, or the lines were changed.`;
    return { basis: 'inferred', sentence, lines: [] };
  }
  const where = logged
    ? 'are not in this server’s logs'
    : 'are shown as pasted: this server’s logs do not hold them';
  return { basis: 'missing', sentence: `${many} of the text ${where}.`, lines: [] };
}
