// The fix that comes before an unblock: the rule that stops the visitor, at the narrowest place that the log names.
import type { Context } from './context.ts';
import type { VerdictLabel } from '../model.ts';
import type { Explanation, LedgerRow, RequestView } from './explanation.ts';
import type { FirewallPlan } from './firewall-view.ts';

/**
 * The rule hit that decided most in the incident's most common sum, as the start of a preview; null for an attack, for triggers
 * that are no matter of ModSecurity, without a rule that can be switched off, and where that has been done already.
 */
export function fixFor(ctx: Context, story: Explanation): FirewallPlan['fix'] {
  const { verdict, block, ledger, incident } = story;
  if (verdict === null || NO_FIX.has(verdict.label) || block?.notWaf === true) return null;
  const request = incident?.transactions.find(({ uniqueId }) => uniqueId === ledger?.uniqueId);
  const row = [...(ledger?.rows ?? [])]
    .filter(({ points }) => points > 0)
    .sort((a, b) => b.points - a.points)[0];
  return row === undefined || request === undefined ? null : fixOf(ctx, row, request);
}

const NO_FIX: ReadonlySet<VerdictLabel> = new Set(['attack', 'local']);

function fixOf(
  ctx: Context,
  { ruleId, target }: LedgerRow,
  { vhost, uri }: RequestView,
): FirewallPlan['fix'] {
  if (vhost === null) return null;
  const isDone = ctx.store.exclusions.active(vhost).some(({ scope }) => scope.ruleId === ruleId);
  const where = target === null ? vhost : `${target} on ${vhost}`;
  return {
    sentence: isDone
      ? `Rule ${ruleId} is switched off for ${vhost} already, at least in part.`
      : `Rule ${ruleId} stopped it at ${where}. Switch it off there first, then unblock.`,
    isDone,
    ruleId,
    vhost,
    target,
    path: uri?.split('?', 1)[0] ?? null,
  };
}
