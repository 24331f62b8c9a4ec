// Where csf does not hold an address: what became of a block that lfd told of, and what else keeps visitors out. Pure.
import { maskLine } from '../analyse/mask.ts';
import { joinAnd } from '../analyse/sentences.ts';
import type { EpochMs, LineRef } from '../model.ts';
import type { Statement } from './explanation.ts';
import { confNumber } from './conf-numbers.ts';
import { isoTime, readableTime } from './iso-time.ts';
import { countryStatements } from './list-places.ts';
import { rotatedOut } from './rotated-out.ts';
import type { ServerClock } from './server.ts';
import { spanWords } from './triggers.ts';
import type { PlacedEvent, WhereFacts } from './where-facts.ts';

/** lfd writes of a block and of csf's refusal in the same moment. */
const SAME_MS = 120_000;

export interface Standing {
  readonly address: string;
  readonly clock: ServerClock;
  /** It is kept out. */
  readonly blocked: boolean;
  /** A list holds it, whether that keeps it out or not. */
  readonly isListed: boolean;
}

/** Why csf's lists are not in force, always; where they do not hold the address, what became of a block and where else to look. */
export function elsewhereStatements(facts: WhereFacts, standing: Standing): Statement[] {
  const said = [...offStatements(facts), ...unreadable(facts)];
  if (standing.isListed) return said;
  return [
    ...said,
    ...lostBlock(facts, standing),
    ...listsSaid(facts, standing),
    ...countryStatements(facts, standing.address),
    ...modsecurity(facts, standing),
    ...limits(facts),
    ...cloudflare(facts),
    ...OTHERS,
  ];
}

function offStatements({ off, firewall }: WhereFacts): Statement[] {
  const testing = firewall.conf.get('TESTING') ?? '0';
  const isTesting = testing !== '' && testing !== '0';
  return [
    ...off.map((sentence) => known(sentence)),
    ...(isTesting
      ? [
          known(
            'csf is in testing mode (TESTING = "1"): it takes its rules away again after some minutes, and lfd does not run. An entry in a list may block nobody.',
          ),
        ]
      : []),
  ];
}

function unreadable({ firewall }: WhereFacts): Statement[] {
  if (firewall.readable) return [];
  const why = firewall.problems[0];
  const words = why === undefined ? '' : ` (${why.source}: ${why.why})`;
  return [missing(`csf.deny could not be read whole${words}: that an address is not in it says nothing.`)];
}

/** What lfd.log tells of the last block, and why it is not there now. */
function lostBlock(facts: WhereFacts, { address, clock }: Standing): Statement[] {
  const { events, hasLfdLog, firewall } = facts;
  const last = events.find(({ event }) => event.kind === 'blocked');
  const ignored = events.find(({ event }) => event.kind === 'ignored');
  const passed =
    ignored === undefined || (last !== undefined && last.at > ignored.at)
      ? []
      : [
          known(`lfd passed over ${address} on ${when(clock, ignored.at)}: lfd.log says “ignored”.`, [
            ignored.ref,
          ]),
        ];
  if (last === undefined)
    return [
      ...passed,
      hasLfdLog
        ? known(`lfd.log tells of no block of ${address}, as far as it is kept.`)
        : missing('No lfd.log was read: whether lfd ever blocked it is not known.'),
    ];
  const refusal = events.find(
    ({ event, at }) => event.kind === 'refused' && Math.abs(at - last.at) <= SAME_MS,
  );
  if (refusal !== undefined) return [...passed, refused(address, clock, last, refusal)];
  const act = facts.acts.find((one) => one.act === 'unblock' && one.state === 'done' && one.at >= last.at);
  if (act !== undefined)
    return [
      ...passed,
      known(`${act.who} unblocked it on ${when(clock, act.at)} with Whyblocked: “${maskLine(act.reason)}”.`, [
        last.ref,
      ]),
    ];
  if (!firewall.readable) return passed;
  if (last.event.permanent !== false) {
    const lost = rotatedOut({ firewall, clock, address, mail: null, at: last.at });
    return [...passed, { ...lost, lines: refs([last.ref]) }];
  }
  return [...passed, ended(facts, clock, last)];
}

function refused(
  address: string,
  clock: ServerClock,
  block: PlacedEvent,
  { event, ref }: PlacedEvent,
): Statement {
  const said = /deny failed: .{0,200}/.exec(event.text)?.[0] ?? 'deny failed';
  return known(
    `lfd.log and lfd’s mail say that ${address} was blocked on ${when(clock, block.at)}, but csf refused (“${said}”): it never was.`,
    [block.ref, ref],
  );
}

function ended({ events }: WhereFacts, clock: ServerClock, { at, event, ref }: PlacedEvent): Statement {
  const length = event.seconds === null ? '' : ` for ${spanWords(event.seconds)}`;
  const block = `The temporary block${length} of ${when(clock, at)}`;
  const expired = events.findLast((one) => one.event.kind === 'expired' && one.at >= at);
  if (expired !== undefined)
    return known(`${block} ended on ${when(clock, expired.at)}: lfd.log says so.`, [ref, expired.ref]);
  const until = event.seconds === null ? null : at + event.seconds * 1000;
  if (until === null || until <= clock.now)
    return {
      basis: 'inferred',
      sentence: `${block} is over${until === null ? '' : `: its time ended on ${when(clock, until)}`}.`,
      lines: refs([ref]),
    };
  return known(
    `${block} is gone before its time: somebody removed it, or csf ended its oldest temporary entries for new ones (DENY_TEMP_IP_LIMIT).`,
    [ref],
  );
}

function listsSaid({ lists }: WhereFacts, { address }: Standing): Statement[] {
  if (address.includes('/')) return [];
  if (lists.length === 0) return [known('csf has loaded no block list.')];
  const names = joinAnd(lists.slice(0, 8).map(({ name }) => name));
  const more = lists.length > 8 ? ` and ${lists.length - 8} more` : '';
  return [known(`It is in none of the block lists that csf has loaded (${names}${more}).`)];
}

/** A refusal by the web server looks like a block to a visitor. */
function modsecurity({ seen }: WhereFacts, { address, clock }: Standing): Statement[] {
  if (address.includes('/')) return [];
  const client = seen.get(address)?.clients[0];
  if (client === undefined || client.denied === 0)
    return [known('ModSecurity refused none of its requests, in the logs that are kept.')];
  const requests = client.denied === 1 ? '1 of its requests' : `${client.denied} of its requests`;
  return [
    known(
      `ModSecurity refused ${requests}, the last about ${when(clock, client.lastAt)}: the web server answers those itself (403), and no unblock changes that.`,
    ),
  ];
}

/** What csf drops without an entry in any list. */
function limits({ firewall }: WhereFacts): Statement[] {
  const set = ['CONNLIMIT', 'PORTFLOOD'].filter((name) => (firewall.conf.get(name) ?? '').trim() !== '');
  if ((confNumber(firewall.conf, 'SYNFLOOD') ?? 0) > 0) set.push('SYNFLOOD');
  if (set.length === 0) return [];
  return [
    {
      basis: 'inferred',
      sentence: `csf drops connections beyond a limit for each address (${joinAnd(set)}), without an entry in any list: a busy address may be hit by that.`,
      lines: [],
    },
  ];
}

function cloudflare({ firewall }: WhereFacts): Statement[] {
  if ((confNumber(firewall.conf, 'CF_ENABLE') ?? 0) === 0) return [];
  return [
    missing(
      'lfd blocks at Cloudflare, too (CF_ENABLE), and what stands there is not read here: look at its firewall events.',
    ),
  ];
}

const OTHERS: readonly Statement[] = [
  missing(
    'cPHulk blocks logins to cPanel, WHM, mail and FTP by itself and is not read here: WHM » cPHulk Brute Force Protection » History Reports.',
  ),
  missing('Imunify360, where it is installed, has lists of its own: its page in WHM » Plugins.'),
  missing('fail2ban, where it is installed, blocks by itself: fail2ban-client status names its jails.'),
];

function when(clock: ServerClock, at: EpochMs): string {
  return readableTime(isoTime(clock.zone, at));
}

function refs(lines: readonly (LineRef | null)[]): LineRef[] {
  return lines.filter((ref) => ref !== null);
}

function known(sentence: string, lines: readonly (LineRef | null)[] = []): Statement {
  return { basis: 'known', sentence, lines: refs(lines) };
}

function missing(sentence: string): Statement {
  return { basis: 'missing', sentence, lines: [] };
}
