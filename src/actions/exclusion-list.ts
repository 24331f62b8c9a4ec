// Exclusions and changes as pages, terminal and JSON show them.
import { hasPhaseOne } from '../analyse/lint-rules.ts';
import type { ExclusionForm, RuleInfo } from '../model-rules.ts';
import type { Zone } from '../host/clock.ts';
import type { Change } from '../store/changes.ts';
import type { KeptExclusion } from '../store/exclusions.ts';
import type { Context } from './context.ts';
import type { ChangeView, ExclusionView, LintItem, Writable } from './exclusion-view.ts';
import { engineFacts } from './engine-facts.ts';
import { isoTime } from './iso-time.ts';
import { scopeView } from './preview.ts';

const UNUSED_MS = 90 * 86_400_000;
const SHOWN_BYTES = 64 * 1024;

/** What an exclusion's page needs to know beside the row. */
export interface ExclusionExtras {
  readonly furtherHits: number | null;
  readonly furtherRequests: number | null;
  readonly warnings: readonly LintItem[];
}

/** An exclusion as it is shown. */
export function exclusionView(kept: KeptExclusion, zone: Zone, extras: ExclusionExtras): ExclusionView {
  const time = (at: number | null): string | null => (at === null ? null : isoTime(zone, at));
  return {
    id: kept.id,
    scope: scopeView(kept),
    reason: kept.reason,
    author: kept.author,
    createdAt: isoTime(zone, kept.createdAt),
    expiresAt: time(kept.expiresAt),
    state: kept.state === 'pending' ? 'reverted' : kept.state,
    endedAt: time(kept.endedAt),
    uses: kept.uses,
    lastUse: time(kept.lastUseAt),
    ...extras,
  };
}

export interface StalenessFacts {
  /** Definitions of an id; empty when none is installed. */
  readonly rulesOf: (ruleId: string) => readonly RuleInfo[];
  readonly isServed: (vhost: string) => boolean;
}

/** What a rule update did to an excluded rule. */
function ruleItems(ruleId: string, form: ExclusionForm, rules: readonly RuleInfo[]): LintItem[] {
  if (rules.length === 0)
    return [
      {
        level: 'warn',
        code: 'rule-gone',
        text: `No installed rule has the id ${ruleId} any more: a rule update took it away or moved it. The exclusion does nothing.`,
      },
    ];
  if (form === 'directive' || !hasPhaseOne(rules)) return [];
  return [
    {
      level: 'warn',
      code: 'rule-moved',
      text: `Rule ${ruleId} runs in phase 1 now, where this exclusion does not reach it. Take it back, and exclude the rule on the vhost if it is still needed.`,
    },
  ];
}

/** What speaks against leaving an exclusion as it is: its rule is gone, its vhost is gone, nothing needs it. */
export function staleness(kept: KeptExclusion, now: number, facts: StalenessFacts): LintItem[] {
  const items: LintItem[] = [];
  const { ruleId, vhost } = kept.scope;
  if (ruleId !== null) items.push(...ruleItems(ruleId, kept.form, facts.rulesOf(ruleId)));
  if (!facts.isServed(vhost))
    items.push({
      level: 'warn',
      code: 'vhost-gone',
      text: `${vhost} is no vhost of this server any more: its file is not read by Apache.`,
    });
  if (kept.expiresAt !== null && kept.expiresAt <= now)
    items.push({
      level: 'warn',
      code: 'over',
      text:
        kept.form === 'ctl'
          ? 'Its time is over: the rule in the file has ended by itself, the file is tidied up next.'
          : 'Its time is over, but it stays in force until it is taken out of the file.',
    });
  const used = kept.lastUseAt ?? kept.createdAt;
  if (kept.uses !== null && now - used > UNUSED_MS)
    items.push({
      level: 'warn',
      code: 'unused',
      text: 'No request that it covers was seen in 90 days. It can probably be taken back.',
    });
  return items;
}

/** A change as it is shown. `isAlive`: whether a process may still be at work on it. */
export function changeView(change: Change, zone: Zone, isAlive: boolean): ChangeView {
  const { effect } = change;
  const open = isAlive ? 'running' : 'interrupted';
  return {
    id: change.id,
    at: isoTime(zone, change.at),
    who: change.who,
    vhosts: change.vhosts,
    act: change.act,
    reason: change.reason,
    state: change.state === 'running' ? open : change.state,
    steps: change.steps,
    files: change.files.map(({ path, before, after }) => ({
      path,
      before: before?.slice(0, SHOWN_BYTES) ?? null,
      after: after.slice(0, SHOWN_BYTES),
    })),
    exclusions: [...effect.add, ...effect.end.map(({ id }) => id), ...effect.edit.map(({ id }) => id)],
    undo: undoWords(change),
  };
}

function undoWords({ state, effect }: Change): string {
  if (state !== 'done') return 'There is nothing to undo: the old files are in force.';
  if (effect.add.length > 0)
    return `Take exclusion ${effect.add.join(', ')} back: on the page Exclusions, or with ${effect.add.map((id) => `whyblocked revert ${id}`).join('; ')}.`;
  if (effect.end.length > 0) return 'Exclude again: the page of the exclusion has its scope and reason.';
  return 'Change it again: the bytes before are kept here.';
}

const DONE: Readonly<Record<ChangeView['act'], (where: string) => string>> = {
  apply: (where) => `In force on ${where}. No request has tried it yet.`,
  adopt: (where) => `Taken over on ${where}, with the same effect as before.`,
  edit: (where) => `Changed on ${where}.`,
  revert: (where) => `Taken back on ${where}: the rule looks at all of it again.`,
  expire: (where) => `Ended on ${where}: the rule looks at all of it again.`,
};

/** What a change came to, as one sentence. */
export function changeSentence(
  change: Pick<ChangeView, 'act' | 'state' | 'steps' | 'vhosts' | 'id' | 'exclusions'>,
): string {
  const failed = change.steps.find(({ ok }) => !ok);
  const where = change.vhosts.length > 3 ? `${change.vhosts.length} vhosts` : change.vhosts.join(', ');
  if (change.state === 'done') return DONE[change.act](where);
  if (change.state === 'rolled-back')
    return `Not applied. Everything is as it was. ${failed?.text ?? ''}`.trim();
  if (change.state === 'running') return 'It is still at work.';
  return `The old files could not be put back: ${change.steps.findLast(({ ok }) => !ok)?.text ?? ''} Look at change ${change.id} at once; the next act and the next start try again.`;
}

/** Whether exclusions can be written here. */
export async function writableHere(ctx: Context): Promise<Writable> {
  const { engine } = await engineFacts(ctx);
  const words: Readonly<Record<string, string>> = {
    'modsecurity-3':
      'This server runs ModSecurity 3. The forms that Whyblocked writes are proved for ModSecurity 2.9 on Apache only, so it writes nothing here.',
    litespeed:
      'LiteSpeed is installed here. That it honours these forms is not proved, so Whyblocked writes nothing here.',
    nginx:
      'nginx runs ModSecurity here and reads no include files of Apache, so Whyblocked writes nothing here.',
  };
  const why = words[engine ?? ''] ?? ctx.host.acts.refusal;
  return { ok: why === null, why };
}
