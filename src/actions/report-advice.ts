// "What you can change": what the owner of a site can do in his plugin, form or program, by where the rules looked.
import type { PackageState } from '../analyse/crs-packages.ts';
import { joinAnd } from '../analyse/sentences.ts';
import { LOOKS_LIKE, PROTOCOL_ADVICE, SERVICE_ADVICE } from './report-advice-texts.ts';
import type { CaseBlock, CaseHit, ReportCase } from './report-case.ts';
import { placeKind, placeWords } from './report-place.ts';
import { joined, plainOf } from './report-value.ts';
import type { ReportSection, Spans } from './report-view.ts';

const MOST = 6;
const MOST_PLACES = 5;

/** A package of exceptions for an application that covers what was refused. */
export interface CasePackage {
  readonly app: string;
  readonly state: PackageState;
}

/** The section. */
export function whatToChange(
  one: ReportCase,
  { isMended, packages }: { readonly isMended: boolean; readonly packages: readonly CasePackage[] },
): ReportSection {
  const items = isMended
    ? [['Nothing: what is listed under “What was changed” is enough.']]
    : itemsOf(one, packages);
  return { heading: 'What you can change', blocks: [{ kind: 'list', items }] };
}

function itemsOf(one: ReportCase, packages: readonly CasePackage[]): readonly Spans[] {
  const { requests, verdict, block } = one;
  if (requests.length === 0) return [[serviceAdvice(block)]];
  if (verdict?.label === 'attack')
    return [
      ['Nothing because of these requests. Keep the programs and plugins of your site up to date, as ever.'],
    ];
  if (verdict?.label === 'local')
    return [
      ['Look for the job, plugin or program on the server that calls your site, and at what it sends.'],
      ...ruleAdvice(one),
    ];
  const advice = ruleAdvice(one);
  const whole = [...advice, ...packages.map(packageAdvice)];
  return whole.length > 0
    ? whole
    : [['What exactly the rules reacted to is not in the logs, so nothing can be advised.']];
}

function serviceAdvice(block: CaseBlock | null): string {
  if (block?.since == null)
    return 'Nothing: nothing of this address was refused here, as far as the logs tell.';
  if (block.isWeb)
    return 'The requests that led to the block are not in the logs that are left, so nothing can be advised.';
  return (
    SERVICE_ADVICE.get(block.trigger ?? '') ??
    'That depends on what the address did; the list of the firewall does not tell it in a way that is understood here.'
  );
}

/** What can be done about a place; `before` and `after` stand around its name, and `many` when there are several. */
interface PlaceAdvice {
  readonly place: Spans | null;
  readonly before: string;
  readonly after: string;
  readonly many: string;
}

/** Each advice once, with the places that it is about, most met first; what is said of the text of pages stands in one piece. */
function ruleAdvice({ requests }: ReportCase): Spans[] {
  const refused = requests.filter(({ isRefused }) => isRefused);
  const hits = (refused.length > 0 ? refused : requests).flatMap((request) => request.hits);
  // A field that holds the text of a page for one rule holds it for all of them.
  const pages = new Set(hits.filter(({ reads }) => reads === 'content').map(placeKey));
  const [texts, others] = [hits.filter(isText), hits.filter((hit) => !isText(hit))];
  function isText(hit: CaseHit): boolean {
    return placeKind(hit.target) === 'field' && pages.has(placeKey(hit)) && !PROTOCOL_ADVICE.has(hit.ruleId);
  }
  const groups: Group[] = texts.length === 0 ? [] : [textGroup(texts)];
  for (const hit of others) {
    const advice = adviceFor(hit);
    if (advice === null) continue;
    const known = groups.find(
      (one) => one.advice.before === advice.before && one.advice.after === advice.after,
    );
    const group = known ?? { advice, places: new Map<string, Spans>(), count: 0 };
    if (known === undefined) groups.push(group);
    group.count++;
    if (advice.place !== null) group.places.set(placeKey(hit), advice.place);
  }
  return groups
    .sort((a, b) => b.count - a.count)
    .slice(0, MOST)
    .map(groupWords);
}

interface Group {
  readonly advice: PlaceAdvice;
  readonly places: Map<string, Spans>;
  count: number;
}

function placeKey({ target }: CaseHit): string {
  return plainOf(placeWords(target));
}

function groupWords({ advice, places }: Group): Spans {
  const named = [...places.values()].slice(0, MOST_PLACES);
  const text = places.size > 1 ? advice.many : advice.after;
  return advice.before === '' ? [...capital(joined(named)), text] : [advice.before, ...joined(named), text];
}

/** Fields with the text of a page: nothing is wrong with it, whatever the rules took parts of it for. */
function textGroup(hits: readonly CaseHit[]): Group {
  const looks = [...new Set(hits.flatMap(({ ruleId }) => LOOKS_LIKE.get(ruleId.slice(0, 3)) ?? []))];
  const [part, rules] =
    looks.length === 1
      ? ['A part of it looks to the rule', 'the rule stands']
      : ['Parts of it look to the rules', 'the rules stand'];
  const rest =
    looks.length === 0
      ? ''
      : ` ${part} like ${joinAnd(looks)}; as long as ${rules}, a text without such parts can be saved.`;
  const text = `the text of a page or post, which may be HTML: nothing is wrong with it.${rest}`;
  return {
    advice: { place: null, before: '', after: ` holds ${text}`, many: ` hold ${text}` },
    places: new Map(hits.map((hit) => [placeKey(hit), placeWords(hit.target)])),
    count: hits.length,
  };
}

function whole(text: string): PlaceAdvice {
  return { place: null, before: text, after: '', many: '' };
}

function adviceFor(hit: CaseHit): PlaceAdvice | null {
  const { ruleId, target, reads } = hit;
  const protocol = PROTOCOL_ADVICE.get(ruleId);
  if (protocol !== undefined) return whole(protocol);
  const looks = LOOKS_LIKE.get(ruleId.slice(0, 3)) ?? null;
  const like = looks === null ? '' : ` looks to the rule like ${looks}`;
  switch (placeKind(target)) {
    case 'cookie':
      return cookieAdvice(placeWords(target), like, reads);
    case 'field':
      return fieldAdvice(placeWords(target), like);
    case 'header': {
      const after = `${like}. If a program of yours sends it, let it send a plain value.`;
      return { place: placeWords(target), before: 'What was sent in ', after, many: after };
    }
    case 'address':
      return whole(
        `The address itself${like}. If it is a page or file of yours, give it another name or ending.`,
      );
    case 'body':
      return whole(
        `What was sent as a whole${like}. If a program of yours sends it, update the program; a visitor cannot change it.`,
      );
    case 'upload':
      return whole(
        'Give the uploaded file a plain name (letters, digits, one dot) and the ending that its type has.',
      );
    case 'answer':
      return whole(
        'The answer of your site held an error text or program code. Look at the page with the same data, and turn off the display of errors.',
      );
    default:
      return null;
  }
}

function cookieAdvice(place: Spans, like: string, reads: CaseHit['reads']): PlaceAdvice {
  const freed = 'A visitor is freed by deleting the cookies of your site, until it is set again.';
  const what =
    reads === 'tracking'
      ? 'It is set by a consent or advertising tool: update the tool, or look in its settings for another way of storing the choice.'
      : 'Find out which plugin sets it (the list of cookies of your site tells), and update that plugin or let it store its value encoded.';
  const after = `${like}. ${what} ${freed}`;
  return { place, before: 'What stands in ', after, many: after };
}

function fieldAdvice(place: Spans, like: string): PlaceAdvice {
  const after = `${like}. If a plugin or script of yours writes it, have it send the value in another form (encoded, or as separate fields). If visitors type it, nothing is wrong with your site.`;
  return { place, before: 'What was sent in ', after, many: after };
}

function packageAdvice({ app, state }: CasePackage): Spans {
  const now: Readonly<Record<PackageState, string>> = {
    on: 'It is in force on this server.',
    off: 'It is not in force on this server: ask for it.',
    some: 'It is in force on this server for some sites only: ask for it.',
    unknown: 'Whether it is in force here is not known.',
  };
  return [`The makers of the rules have a set of exceptions for ${app} that covers this page. ${now[state]}`];
}

function capital(spans: Spans): Spans {
  const [first, ...rest] = spans;
  return typeof first === 'string' ? [upper(first), ...rest] : spans;
}

function upper(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
