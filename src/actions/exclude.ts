// Exclusions as the admin asks for them: checked, then written, taken back, changed, ended.
import { maskUri } from '../analyse/mask.ts';
import { lintScope, type Linted } from '../analyse/exclusion-lint.ts';
import type { EpochMs } from '../model.ts';
import type { ExclusionScope } from '../model-rules.ts';
import type { Change } from '../store/changes.ts';
import type { NewExclusion } from '../store/exclusions.ts';
import { carryOut } from './act.ts';
import type { ActHooks } from './act-steps.ts';
import type { Context } from './context.ts';
import { engineFacts } from './engine-facts.ts';
import { BadInput, Refused } from './errors.ts';
import type { ExcludeRequest } from './exclusion-view.ts';
import { activeRules } from './active-rules.ts';
import { readScope, vhostNamed } from './scope-request.ts';

const LONGEST_REASON = 500;
const DAY_MS = 86_400_000;
const DEFAULT_DAYS = 30;
/** The engine is off for no longer. */
export const ENGINE_MINUTES = 60;

/** Whether a scope takes whole rules out: such a one wants the vhost typed, and an end. */
export function isRuleWide(scope: Pick<ExclusionScope, 'target'>): boolean {
  return scope.target === null;
}

/** When a scope ends unless it is said: rule-wide ones after 30 days, the engine after an hour, others never. */
export function defaultEnd(scope: Pick<ExclusionScope, 'kind' | 'target'>, now: EpochMs): EpochMs | null {
  if (scope.kind === 'engine-off') return now + ENGINE_MINUTES * 60_000;
  return isRuleWide(scope) ? now + DEFAULT_DAYS * DAY_MS : null;
}

/** The moment that acts go by: the clock that Apache has too, unless --now names one. */
export function actTime(ctx: Pick<Context, 'fixedNow'>): EpochMs {
  return ctx.fixedNow ?? Date.now();
}

/** Checks a scope against the installed rules and what is in force already. */
export async function checkScope(
  ctx: Context,
  scope: ExclusionScope,
  expiresAt: EpochMs | null,
): Promise<Linted> {
  const { byId, active } = activeRules(ctx);
  const { engine } = await engineFacts(ctx);
  return lintScope({
    scope,
    rules: scope.ruleId === null ? [] : (byId.get(scope.ruleId) ?? []),
    allRules: active,
    expiresAt,
    now: actTime(ctx),
    active: ctx.store.exclusions.active(scope.vhost).map((kept) => ({ ...kept, state: 'active' as const })),
    aliases: ctx.host.aliases(scope.vhost),
    engine,
  });
}

/** A request that was checked. */
export interface Prepared {
  readonly exclusion: NewExclusion;
  readonly checks: Linted['checks'];
}

/** Checks a request; throws BadInput for what is wrong in it, Refused where the scope cannot work. */
export async function prepare(ctx: Context, request: ExcludeRequest): Promise<Prepared> {
  const scope = readScope(ctx, request.scope);
  const { account } = vhostNamed(ctx, scope.vhost);
  const reason = readReason(request.reason);
  if (isRuleWide(scope) && request.typed !== null && !isName(request.typed, scope, request.scope.vhost))
    throw new BadInput(`Type ${scope.vhost} to confirm that the whole rule is switched off there.`, 'typed');
  if (isRuleWide(scope) && request.typed === null)
    throw new BadInput(`Confirm by typing the vhost: ${scope.vhost}.`, 'typed');
  const linted = await checkScope(ctx, scope, request.expiresAt);
  if (!linted.allowed) {
    const why = linted.checks.filter(({ level }) => level === 'refuse').map(({ text }) => text);
    throw new Refused(`Not applied; nothing was changed. ${why.join(' ')}`);
  }
  const exclusion: NewExclusion = {
    scope,
    account,
    form: linted.form,
    reason,
    author: request.author,
    createdAt: Date.now(),
    expiresAt: request.expiresAt,
  };
  return { exclusion, checks: linted.checks };
}

function isName(typed: string, scope: ExclusionScope, asked: string): boolean {
  const name = typed.trim().toLowerCase();
  return name === scope.vhost || name === asked.trim().toLowerCase();
}

/** A reason in one line of at most 500 characters, without secrets: it stays in files and records. Throws BadInput. */
export function readReason(text: string): string {
  const reason = text.replaceAll(/\s+/g, ' ').trim();
  if (reason === '')
    throw new BadInput('Say why: the reason stays in the file and in the activity.', 'reason');
  if (reason.length > LONGEST_REASON)
    throw new BadInput(`The reason is too long: at most ${LONGEST_REASON} characters.`, 'reason');
  return maskUri(reason);
}

/** Takes out of the files what has ended; null when nothing has. Those written as rules have ended by themselves. */
export async function endExpired(ctx: Context, hooks: ActHooks = {}): Promise<Change | null> {
  const now = actTime(ctx);
  const due = ctx.store.exclusions.active().filter(({ expiresAt }) => expiresAt !== null && expiresAt <= now);
  if (due.length === 0) return null;
  return carryOut(
    ctx,
    { act: 'expire', who: 'Whyblocked', reason: 'its time is over' },
    due.map(({ id }) => ({ kind: 'end', id, state: 'expired' })),
    hooks,
  );
}
