// The page between a wish and an act on the firewall: the exact commands, where the address stands, what happens next, the form.
import type { Statement } from '../actions/explanation.ts';
import type { FirewallPreview } from '../actions/firewall-ledger.ts';
import type { FirewallPlan, FirewallRequest, PlaceView } from '../actions/firewall-view.ts';
import { firewallActLink, requestFields } from './firewall-query.ts';
import { explainLink, incidentLink, pageLink, proposeLink } from './links.ts';
import { choicesOf, type ChoiceGroup } from './view-firewall-choices.ts';
import { placeViews, type StatementView, statementView } from './view-raw.ts';
import { FieldValue } from './view-text.ts';
import { labelMark, type VerdictMark } from './view-verdict.ts';

/** What a form brought that was not carried out, with what is wrong with it. */
export interface ActInput {
  readonly reason: string;
  readonly typed: string;
  readonly errors: ReadonlyMap<string, string>;
  /** What is wrong with no field of its own; empty for nothing. */
  readonly problem: string;
}

/** Nothing was sent yet. */
export const NO_INPUT: ActInput = { reason: '', typed: '', errors: new Map(), problem: '' };

/** What partials/firewall-form.ejs needs. */
export interface ActForm {
  readonly action: string;
  readonly hidden: readonly { readonly name: string; readonly value: FieldValue }[];
  readonly reason: FieldValue;
  readonly reasonError: string;
  /** What must be typed; empty where a button is enough. */
  readonly wants: string;
  readonly typed: FieldValue;
  readonly typedError: string;
  readonly problem: string;
  readonly button: string;
  /** The button is the one that is suggested. */
  readonly isMain: boolean;
  /** Against the verdict: it folds away, under these words; empty where it does not. */
  readonly fold: string;
  readonly back: string;
}

/** What views/firewall-plan.ejs needs. */
export interface FirewallPlanPage {
  readonly title: string;
  readonly headline: string;
  readonly crumb: { readonly href: string; readonly text: string } | null;
  readonly mark: VerdictMark | null;
  readonly verdict: string;
  readonly refusal: string;
  /** The commands are for a terminal of that server; csf cannot be run from here. */
  readonly byHand: boolean;
  readonly steps: FirewallPlan['steps'];
  /** All commands, to be copied. */
  readonly commands: string;
  readonly fix: {
    readonly sentence: string;
    readonly heading: string;
    /** Of the link. */
    readonly text: string;
    readonly isDone: boolean;
    readonly href: string;
    readonly isMain: boolean;
  } | null;
  readonly isBlocked: boolean;
  readonly places: readonly (Pick<PlaceView, 'sentence' | 'way'> & StatementView)[];
  readonly elsewhere: readonly StatementView[];
  readonly neighbours: readonly StatementView[];
  readonly warnings: readonly StatementView[];
  readonly again: readonly StatementView[];
  readonly choices: readonly ChoiceGroup[];
  /** What is suggested instead of the act as it is asked for. */
  readonly suggestion: { readonly href: string; readonly text: string } | null;
  readonly form: ActForm | null;
}

/** Puts the page together; `sent` is what a form brought that was not carried out. */
export function firewallPlanPage({ plan, byHand }: FirewallPreview, sent: ActInput): FirewallPlanPage {
  const { request, where, verdict } = plan;
  const canAct = plan.refusal === null;
  const steps = shownSteps(plan);
  const suggestion = canAct ? suggestionOf(plan) : null;
  const isFixFirst =
    plan.fix?.isDone === false && plan.fix.frees && verdict?.label === 'false-positive' && canAct;
  return {
    title: `Preview: ${plan.title.replace(/\?$/, '')}`,
    headline: plan.title,
    crumb: crumbOf(request),
    ...verdictPart(verdict),
    refusal: plan.refusal ?? '',
    byHand: byHand && steps.length > 0,
    steps,
    commands: steps.map(({ shown }) => shown).join('\n'),
    fix: plan.fix === null ? null : { ...fixPart(plan.fix), isMain: isFixFirst },
    isBlocked: where.blocked,
    places: where.places.map(placePart),
    elsewhere: LETS_IN.has(request.act) ? where.elsewhere.map(said) : [],
    neighbours: where.neighbours.map(said),
    warnings: plan.warnings.map(said),
    again: plan.again.map(said),
    choices: choicesOf(plan),
    suggestion,
    form: canAct ? actForm(plan, sent, !isFixFirst && suggestion === null) : null,
  };
}

function verdictPart(verdict: FirewallPlan['verdict']): Pick<FirewallPlanPage, 'mark' | 'verdict'> {
  return verdict === null
    ? { mark: null, verdict: '' }
    : { mark: labelMark(verdict.label), verdict: verdict.words };
}

/** A command that is never run is shown with its option alone: none is better. */
function shownSteps({ steps }: FirewallPlan): FirewallPlan['steps'] {
  return steps.some(({ shown }) => shown.endsWith('…')) ? [] : steps;
}

function said(statement: Statement): StatementView {
  return statementView(statement, new Map());
}

function placePart({ sentence, basis, way, ref }: PlaceView): FirewallPlanPage['places'][number] {
  return { sentence, way, basis, places: ref === null ? [] : placeViews([ref], new Map()) };
}

function crumbOf({ target, incidentFrom }: FirewallRequest): FirewallPlanPage['crumb'] {
  if (target.includes('/') || target.includes('=')) return null;
  const href = incidentFrom === null ? explainLink(target) : incidentLink(target, incidentFrom);
  return { href, text: target };
}

function fixPart(
  fix: NonNullable<FirewallPlan['fix']>,
): Omit<NonNullable<FirewallPlanPage['fix']>, 'isMain'> {
  const { sentence, isDone, frees, vhost, ruleId, target, path } = fix;
  const [heading, text] = isDone
    ? ['A fix is in force', 'Look at it again']
    : frees
      ? ['The fix first', 'Preview the fix…']
      : ['No single fix', `Preview rule ${ruleId}…`];
  return { heading, text, sentence, isDone, href: proposeLink({ vhost, ruleId, target, path }) };
}

const DAY = 86_400;
const LETS_IN: ReadonlySet<FirewallRequest['act']> = new Set(['unblock', 'temp-allow', 'allow']);

/** For what cannot be decided: out of the list, and watched for a day. The same day for a false alarm that no single fix ends. */
function suggestionOf({ request, verdict, fix }: FirewallPlan): FirewallPlanPage['suggestion'] {
  if (request.act !== 'unblock' || request.thenAllow !== null) return null;
  const isStuck = verdict?.label === 'false-positive' && fix?.isDone === false && !fix.frees;
  if (verdict?.label !== 'unclear' && !isStuck) return null;
  return {
    href: firewallActLink({ ...request, thenAllow: DAY }),
    text: isStuck ? 'Unblock and let in for 24 hours…' : 'Unblock for 24 hours and watch…',
  };
}

/** The commands as a form carries them, so that others are not run. */
export function seenOf({ steps }: Pick<FirewallPlan, 'steps'>): string {
  return steps.map(({ shown }) => shown).join(SEEN_GLUE);
}

/** The commands that a form says were seen. */
export function readSeen(text: string): readonly string[] {
  return text === '' ? [] : text.split(SEEN_GLUE);
}

const SEEN_GLUE = '; ';

function actForm(plan: FirewallPlan, sent: ActInput, isMain: boolean): ActForm {
  const { request, verdict } = plan;
  const isAgainst = LETS_IN.has(request.act) && verdict?.label === 'attack';
  const hidden = { ...requestFields(request), seen: seenOf(plan) };
  return {
    action: pageLink('/firewall/act'),
    hidden: Object.entries(hidden).map(([name, value]) => ({ name, value: new FieldValue(value) })),
    reason: new FieldValue(sent.reason),
    reasonError: sent.errors.get('reason') ?? '',
    wants: plan.typed ?? '',
    typed: new FieldValue(sent.typed),
    typedError: sent.errors.get('typed') ?? '',
    problem: sent.problem,
    button: buttonWords(plan),
    isMain: isMain && !isAgainst,
    fold: isAgainst ? `${buttonWords(plan)} anyway` : '',
    back: pageLink('/firewall'),
  };
}

const BUTTONS: Readonly<Record<FirewallRequest['act'], (target: string) => string>> = {
  unblock: (target) => `Unblock ${target}`,
  'temp-allow': (target) => `Let ${target} in`,
  allow: (target) => `Let ${target} in for good`,
  disallow: (target) => `End the allow of ${target}`,
  'temp-block': (target) => `Block ${target}`,
  block: (target) => `Block ${target} for good`,
};

function buttonWords({ request, verdict, where }: FirewallPlan): string {
  const watches = request.act === 'unblock' && request.thenAllow === DAY && verdict?.label === 'unclear';
  return watches ? 'Unblock for 24 hours and watch' : BUTTONS[request.act](where.address);
}
