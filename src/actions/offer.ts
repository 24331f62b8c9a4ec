// What an exclusion would be, before anybody decides: its checks, its preview, its bytes; and the ladder of widths.
import { ladderOf, type Linted } from '../analyse/exclusion-lint.ts';
import { scopeKey } from '../analyse/scope-key.ts';
import type { EpochMs } from '../model.ts';
import type { ExclusionForm, ExclusionScope } from '../model-rules.ts';
import type { KeptExclusion } from '../store/exclusions.ts';
import { fileOf } from './act-plan.ts';
import { activeRules } from './active-rules.ts';
import type { Context } from './context.ts';
import { actTime, checkScope, defaultEnd, ENGINE_MINUTES, isRuleWide } from './exclude.ts';
import type { IsoTime } from './explanation.ts';
import { writableHere } from './exclusion-list.ts';
import { isoTime } from './iso-time.ts';
import type {
  FileView,
  LintItem,
  Preview,
  PreviewSummary,
  Proposal,
  Rung,
  ScopeFields,
  ScopeView,
} from './exclusion-view.ts';
import { previewLadder, previewScope, scopeView } from './preview.ts';
import { ruleCatalogue } from './rule-catalogue.ts';
import { ruleSummary } from './rule-summary.ts';
import { readScope, vhostNamed } from './scope-request.ts';
import { presentMoment, readZone, serverView } from './server.ts';

const ROWS = 500;
const DAY_MS = 86_400_000;

/** One scope with all that is known of it. */
export interface Offer {
  readonly scope: ExclusionScope;
  readonly view: ScopeView;
  readonly allowed: boolean;
  readonly checks: readonly LintItem[];
  /** The narrowest that works where this one cannot. */
  readonly instead: ScopeView | null;
  readonly preview: Preview;
  readonly file: FileView;
  /** When it would end; null: when it is taken back. */
  readonly expiresAt: IsoTime | null;
}

/** Tries a scope without changing anything. */
export async function offer(ctx: Context, scope: ExclusionScope, expiresAt: EpochMs | null): Promise<Offer> {
  const linted = await checkScope(ctx, scope, expiresAt);
  return {
    scope,
    view: scopeView({ scope, form: linted.form }),
    allowed: linted.allowed,
    checks: linted.checks,
    instead: linted.offer === null ? null : scopeView({ scope: linted.offer, form: linted.form }),
    preview: await previewScope(ctx, { scope, form: linted.form }, { window: null, most: ROWS }),
    file: await fileView(ctx, { scope, form: linted.form, expiresAt }),
    expiresAt: expiresAt === null ? null : isoTime(await readZone(ctx), expiresAt),
  };
}

/** The bytes that would be written, with the number that the exclusion would get. */
async function fileView(
  ctx: Context,
  { scope, form, expiresAt }: { scope: ExclusionScope; form: ExclusionForm; expiresAt: EpochMs | null },
): Promise<FileView> {
  const { vhost, account } = vhostNamed(ctx, scope.vhost);
  const paths = Object.values(ctx.host.acts.paths(account, vhost));
  const active = ctx.store.exclusions.active(vhost);
  const fresh: KeptExclusion = {
    id: ctx.store.exclusions.nextId(),
    scope,
    account,
    form,
    reason: '(your reason)',
    author: '(you)',
    createdAt: actTime(ctx),
    expiresAt,
    state: 'active',
    endedAt: null,
    uses: null,
    lastUseAt: null,
    usesUntil: null,
  };
  const written = paths.map((path) => ctx.store.written.byPath(path)?.text ?? null);
  return {
    paths,
    before: written[0] ?? null,
    after: fileOf(ctx, { vhost, account }, [...active, fresh], await readZone(ctx)),
  };
}

interface Checked {
  readonly scope: ExclusionScope;
  readonly linted: Linted;
}

/** Checks each width; what works instead of the asked one joins them where it is none of them: a wider target, a tag. */
async function checkRungs(
  ctx: Context,
  rungs: readonly ExclusionScope[],
  asked: ExclusionScope,
): Promise<{
  readonly checked: readonly Checked[];
  readonly chosen: number;
  readonly instead: number | null;
}> {
  const now = actTime(ctx);
  const checked: Checked[] = [];
  const check = async (scope: ExclusionScope): Promise<void> => {
    checked.push({ scope, linted: await checkScope(ctx, scope, defaultEnd(scope, now)) });
  };
  const rungOf = (wanted: ExclusionScope): number =>
    checked.findIndex(({ scope }) => scopeKey(scope) === scopeKey(wanted));
  for (const scope of rungs) await check(scope);
  const chosen = Math.max(rungOf(asked), 0);
  const offered = checked[chosen]?.linted.offer ?? null;
  if (offered === null) return { checked, chosen, instead: null };
  if (rungOf(offered) < 0) await check(offered);
  const instead = rungOf(offered);
  return { checked, chosen, instead: checked[instead]?.linted.allowed === true ? instead : null };
}

/** The page between a finding and its exclusion. Throws BadInput. */
export async function propose(ctx: Context, fields: ScopeFields): Promise<Proposal> {
  const asked = readScope(ctx, fields);
  const place = vhostNamed(ctx, asked.vhost);
  const now = actTime(ctx);
  const { byId } = activeRules(ctx);
  const rungs = asked.ruleId === null ? [asked] : ladderFor(ctx, asked, fields, byId.get(asked.ruleId) ?? []);
  const { checked, chosen, instead } = await checkRungs(ctx, rungs, asked);
  const tries = checked.map(({ scope, linted }) => ({ scope, form: linted.form }));
  const { summaries, preview } = await previewLadder(ctx, tries, { window: null, most: ROWS, chosen });
  const suggested = suggestedOf(checked, summaries);
  const form = checked[chosen]?.linted.form ?? 'ctl';
  const file = await fileView(ctx, { scope: asked, form, expiresAt: defaultEnd(asked, now) });
  const zone = await readZone(ctx);
  const entry = asked.ruleId === null ? undefined : ruleCatalogue(ctx).rules.get(asked.ruleId)?.[0];
  const meta = (key: string): number | null => {
    const text = ctx.store.meta(key);
    return text === null ? null : Number(text);
  };
  return {
    vhost: { ...place, aliases: ctx.host.aliases(place.vhost) },
    rule: entry === undefined ? null : ruleSummary(entry),
    ladder: checked.map(({ scope, linted }, index): Rung => {
      const summary = summaries[index] ?? preview;
      return {
        scope: scopeView({ scope, form: linted.form }),
        lint: linted.checks,
        allowed: linted.allowed,
        summary,
        suggested: index === suggested,
        note: noteOf(linted, summary, { isSuggested: index === suggested, isTooNarrow: index < suggested }),
      };
    }),
    chosen,
    instead,
    preview,
    file,
    typedConfirm: isRuleWide(asked),
    defaultDays:
      asked.kind !== 'engine-off' && isRuleWide(asked) ? daysOf(defaultEnd(asked, now), now) : null,
    mostMinutes: asked.kind === 'engine-off' ? ENGINE_MINUTES : null,
    writable: await writableHere(ctx),
    lastTestMs: meta('last_test_ms'),
    lastReloadMs: meta('last_reload_ms'),
    server: serverView(ctx, { zone, basis: zone.basis, now: await presentMoment(ctx) }),
  };
}

function daysOf(end: EpochMs | null, now: EpochMs): number | null {
  return end === null ? null : Math.round((end - now) / DAY_MS);
}

/** The widths that the asked parts allow, and the asked one among them. The form's target and path stay known. */
function ladderFor(
  ctx: Context,
  asked: ExclusionScope,
  fields: ScopeFields,
  rules: Parameters<typeof ladderOf>[1],
): ExclusionScope[] {
  const widest = { ...asked };
  const known = (kind: ExclusionScope['kind']): Partial<ExclusionScope> => {
    try {
      return readScope(ctx, { ...fields, kind });
    } catch {
      // The other field is not given, or not in a form that can be written: then there is no such rung.
      return {};
    }
  };
  const parts: ExclusionScope = {
    ...widest,
    target: asked.target ?? known('target-vhost').target ?? null,
    path: asked.path ?? known('rule-path').path ?? null,
  };
  const rungs = ladderOf(parts, rules);
  const has = rungs.some((scope) => scopeKey(scope) === scopeKey(asked));
  return has ? rungs : [...rungs, asked];
}

/** The narrowest that works and frees as many ordinary visitors as any; none where no visitor is freed. */
function suggestedOf(checked: readonly Checked[], summaries: readonly PreviewSummary[]): number {
  const allowed = checked.flatMap(({ linted }, index) => (linted.allowed ? [index] : []));
  const most = Math.max(0, ...allowed.map((index) => summaries[index]?.visitors ?? 0));
  if (most === 0) return -1;
  return allowed.find((index) => (summaries[index]?.visitors ?? 0) === most) ?? -1;
}

function noteOf(
  linted: Linted,
  { totals, visitors, attacksPassing }: PreviewSummary,
  { isSuggested, isTooNarrow }: { readonly isSuggested: boolean; readonly isTooNarrow: boolean },
): string {
  if (!linted.allowed)
    return linted.checks.find(({ level }) => level === 'refuse')?.text ?? 'It cannot work.';
  if (isSuggested) return `The narrowest that frees all ${visitors} visitors.`;
  if (visitors === 0)
    return totals.passes === 0
      ? 'It would have freed nothing that is recorded.'
      : 'It frees no recorded visitor, attack requests only: leave the rule on.';
  if (isTooNarrow) return `Too narrow: frees ${totals.passes} requests of ${visitors} visitors.`;
  return attacksPassing > 0
    ? `Would have let ${attacksPassing} attack requests through.`
    : 'Wider than needed: frees nobody more.';
}
