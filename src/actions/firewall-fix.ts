// The fix that comes before an unblock: the rule that stops the visitor, at the narrowest place that the log names.
import type { Context } from './context.ts';
import type { VerdictLabel } from '../model.ts';
import { decisiveRow } from './decisive-row.ts';
import type { Explanation, Ledger, LedgerRow, RequestView } from './explanation.ts';
import type { FirewallPlan } from './firewall-view.ts';

/**
 * The rule of the incident's most common sum without which the rest would stay below the limit, as the start of a preview; where none
 * does alone, the one with most points, and the sentence says so. Null for an attack, for triggers that are no matter of ModSecurity,
 * and without a rule that can be switched off.
 */
export function fixFor(ctx: Context, story: Explanation): FirewallPlan['fix'] {
  const { verdict, block, ledger, incident } = story;
  if (verdict === null || NO_FIX.has(verdict.label) || block?.notWaf === true || ledger === null) return null;
  const request = incident?.transactions.find(({ uniqueId }) => uniqueId === ledger.uniqueId);
  const decisive = decisiveRow(ledger);
  if (decisive === null || request === undefined) return null;
  return fixOf(ctx, decisive.row, { request, ledger, frees: decisive.frees });
}

const NO_FIX: ReadonlySet<VerdictLabel> = new Set(['attack', 'local']);

interface Around {
  readonly request: RequestView;
  readonly ledger: Ledger;
  readonly frees: boolean;
}

function fixOf(
  ctx: Context,
  { ruleId, target }: LedgerRow,
  { request: { vhost, uri }, ledger, frees }: Around,
): FirewallPlan['fix'] {
  if (vhost === null) return null;
  const isDone = ctx.store.exclusions.active(vhost).some(({ scope }) => scope.ruleId === ruleId);
  const where = target === null ? vhost : `${target} on ${vhost}`;
  const sentence = isDone
    ? `Rule ${ruleId} is switched off for ${vhost} already, at least in part.`
    : frees
      ? `Rule ${ruleId} stopped it at ${where}. Switch it off there first, then unblock.`
      : togetherWords(ledger, vhost);
  return { sentence, isDone, frees, ruleId, vhost, target, path: uri?.split('?', 1)[0] ?? null };
}

function togetherWords({ rows, total, threshold }: Ledger, vhost: string): string {
  const scored = rows.filter(({ points }) => points > 0);
  const rules = [...new Set(scored.map(({ ruleId }) => ruleId))];
  const who =
    rules.length === 1
      ? `Rule ${rules[0] ?? ''} stopped it at several places`
      : `${rules.length} rules stopped it together`;
  const sum = total ?? scored.reduce((all, { points }) => all + points, 0);
  return `${who} on ${vhost} (${sum} points, limit ${threshold ?? 'unknown'}): ${rules.slice(0, 5).join(', ')}${rules.length > 5 ? ' and more' : ''}. Switching off one of them alone does not free it; the preview of each says what is left.`;
}
