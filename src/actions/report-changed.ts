// "What was changed": exclusions in force for what was refused, and what was done about the block of the address.
import { coversCause, type CoveredCause } from '../analyse/cause-cover.ts';
import { incidentCauses } from '../analyse/incident-causes.ts';
import { pathText } from '../analyse/scope-words.ts';
import type { EpochMs, Transaction } from '../model.ts';
import type { FirewallAct } from '../model-firewall.ts';
import type { ExclusionScope } from '../model-rules.ts';
import type { KeptExclusion } from '../store/exclusions.ts';
import { activeRules } from './active-rules.ts';
import type { Context } from './context.ts';
import type { IsoTime } from './explanation.ts';
import { placeWords } from './report-place.ts';
import { timeOf, valueOf } from './report-value.ts';
import type { ReportSection, Spans } from './report-view.ts';
import { spanWords } from './triggers.ts';

const MOST_ACTS = 200;
const MOST_SHOWN = 10;

/** What was done about an incident's causes and block. */
export interface Changes {
  readonly exclusions: readonly KeptExclusion[];
  /** Whether exclusions made since cover all that decided. */
  readonly isMended: boolean;
  /** Oldest first. */
  readonly acts: readonly FirewallAct[];
}

export interface ChangedInput {
  readonly client: string;
  readonly vhost: string | null;
  readonly transactions: readonly Transaction[];
  readonly from: EpochMs;
  readonly to: EpochMs;
}

/** Looks up what was changed. Reasons and names of admins are theirs, and stay out of reports. */
export function findChanges(ctx: Context, { client, vhost, transactions, from, to }: ChangedInput): Changes {
  const causes =
    vhost === null ? [] : incidentCauses(transactions, () => vhost).filter((cause) => cause.refused > 0);
  const tagsOf = (id: string): readonly string[] =>
    activeRules(ctx)
      .byId.get(id)
      ?.flatMap(({ tags }) => tags) ?? [];
  const covers = ({ scope }: KeptExclusion, cause: CoveredCause): boolean =>
    coversCause(scope, cause, tagsOf);
  const exclusions = (vhost === null ? [] : ctx.store.exclusions.active(vhost)).filter((one) =>
    causes.some((cause) => covers(one, cause)),
  );
  const since = exclusions.filter(({ createdAt }) => createdAt > to);
  const decisive = causes.filter((cause) => cause.decisive > 0);
  const open = decisive.length > 0 ? decisive : causes;
  return {
    exclusions,
    isMended: open.length > 0 && open.every((cause) => since.some((one) => covers(one, cause))),
    acts: ctx.store.firewall.acts
      .newest(MOST_ACTS)
      .filter((act) => act.state === 'done' && act.at >= from)
      .filter((act) => act.target === client || act.incident?.client === client)
      .toReversed(),
  };
}

/** The section. */
export function whatChanged(
  { exclusions, acts, isMended }: Changes,
  {
    isoTime,
    incidentEnd,
  }: { readonly isoTime: (at: EpochMs) => IsoTime; readonly incidentEnd: EpochMs | null },
): ReportSection {
  const items: Spans[] = exclusions
    .slice(0, MOST_SHOWN)
    .map((one) => [
      `Since ${timeOf(isoTime(one.createdAt))} `,
      ...scopeSpans(one.scope),
      one.expiresAt === null ? '.' : `, until ${timeOf(isoTime(one.expiresAt))}.`,
      ...(incidentEnd !== null && one.createdAt <= incidentEnd
        ? [' That was so before these requests, and did not free them.']
        : []),
    ]);
  if (exclusions.length > 0 && !isMended && incidentEnd !== null)
    items.push(['That does not cover all that refused these requests.']);
  for (const act of acts.slice(-MOST_SHOWN)) items.push([actWords(act, timeOf(isoTime(act.at)))]);
  if (items.length === 0) items.push(['Nothing has been changed.']);
  return { heading: 'What was changed', blocks: [{ kind: 'list', items }] };
}

/** An exclusion in words for the owner of its site. */
function scopeSpans({ kind, vhost, ruleId, tag, target, path }: ExclusionScope): Spans {
  const site: Spans = [' on ', valueOf(vhost)];
  const where: Spans = path === null ? site : [...site, ', for ', valueOf(pathText(path)), ' only'];
  switch (kind) {
    case 'target-path':
    case 'target-vhost':
      return [`rule ${ruleId ?? ''} no longer looks at `, ...placeWords(target), ...where];
    case 'rule-path':
    case 'rule-vhost':
      return [`rule ${ruleId ?? ''} is switched off`, ...where];
    case 'tag-vhost':
      return ['the rules of the group ', valueOf(tag ?? ''), ' are switched off', ...where];
    default:
      return ['all rules of the web firewall are switched off', ...where];
  }
}

function actWords({ act, commands }: FirewallAct, when: string): string {
  const timed = commands.find((one) => one.kind === 'temp-allow' || one.kind === 'temp-deny');
  const time = timed !== undefined && 'seconds' in timed ? ` for ${spanWords(timed.seconds)}` : '';
  switch (act) {
    case 'unblock':
      return timed?.kind === 'temp-allow'
        ? `On ${when} the block of the address was lifted, and the address is let through${time}.`
        : `On ${when} the block of the address was lifted.`;
    case 'temp-allow':
      return `On ${when} the address was let through${time}.`;
    case 'allow':
      return `On ${when} the address was put on the list of those that are let through.`;
    case 'disallow':
      return `On ${when} the address was taken off the list of those that are let through.`;
    case 'temp-block':
      return `On ${when} the address was blocked${time}.`;
    default:
      return `On ${when} the address was blocked for good.`;
  }
}
