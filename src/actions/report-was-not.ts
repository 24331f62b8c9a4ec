// "What it was, and what it was not": the judgement in words for the owner of a site, and what the requests could not do.
import { count } from '../analyse/sentences.ts';
import type { CaseVerdict, ReportCase } from './report-case.ts';
import { placeKind } from './report-place.ts';
import type { ReportBlock, ReportSection, Spans } from './report-view.ts';

const ATTACKERS: Readonly<Record<string, string>> = {
  scanner: 'a program that looks for weak spots on any site it finds',
  'named tool': 'a tool for attacks',
  campaign: 'an attack of the kind that is sent to many sites at once',
  targeted: 'an attack on your site',
  'login attack': 'somebody who tries passwords',
  'hostile request': 'requests that are written to attack',
};

/** The section; null where nothing can be said. */
export function wasNot(one: ReportCase): ReportSection | null {
  const sentences = [
    ...(one.verdict === null ? [] : judged(one, one.verdict)),
    ...reachWords(one),
    ...otherMatters(one),
  ];
  if (sentences.length === 0) return null;
  const list: ReportBlock = { kind: 'list', items: sentences.map((sentence): Spans => [sentence]) };
  return { heading: 'What it was, and what it was not', blocks: [list] };
}

function judged(one: ReportCase, verdict: CaseVerdict): string[] {
  switch (verdict.label) {
    case 'false-positive':
      return [
        `It was ${verdict.certainty ?? 'probably'} no attack: ${ordinaryWho(one)} was refused by mistake.`,
        ...reactedWords(one),
      ];
    case 'attack':
      return attackWords(verdict);
    case 'local':
      return [
        'It was no visitor: the requests came from the server itself, from a program on it, such as a scheduled job or a plugin that calls the site.',
      ];
    case 'not-attributable':
      return [
        'The address belongs to a service that passes on the requests of many visitors. Which of them sent these cannot be told from the logs.',
      ];
    default:
      return [
        'Whether this was an ordinary visitor or somebody with bad intentions cannot be told from the logs.',
        ...reactedWords(one),
      ];
  }
}

function ordinaryWho({ evidence }: ReportCase): string {
  if (evidence.has('Y7')) return 'an ordinary visitor';
  if (evidence.has('C7') || evidence.has('C8')) return 'a program that is known here';
  if (evidence.has('H2') || evidence.has('O4')) return 'somebody who had logged in';
  return 'an ordinary visitor';
}

/** What kind of text the rules reacted to, where all of it is of one kind. */
function reactedWords({ requests }: ReportCase): string[] {
  const hits = requests.filter(({ isRefused }) => isRefused).flatMap((request) => request.hits);
  if (hits.length === 0) return [];
  if (hits.every(({ reads }) => reads === 'content'))
    return ['What the rules reacted to is the text of a page or post that was being saved.'];
  if (hits.every(({ reads }) => reads === 'tracking'))
    return ['What the rule reacted to is a code that an advertising or consent tool had set.'];
  if (hits.every(({ target }) => placeKind(target) === 'answer'))
    return ['What the rule reacted to is something in the answer of the site, not in what the visitor sent.'];
  return [];
}

function attackWords({ certainty, sub, hasOrdinary }: CaseVerdict): string[] {
  const who = ATTACKERS[sub ?? ''] ?? 'an attack';
  const sure = certainty === 'almost certainly' ? 'almost certainly' : 'very likely';
  const rest = 'Refusing it is what the firewall is there for.';
  if (!hasOrdinary) return [`It was no ordinary visitor. It was ${sure} ${who}. ${rest}`];
  return [
    `It was ${sure} ${who}. ${rest}`,
    'Another visitor behind the same address looks ordinary: several people or programs share it. Some of the refused requests may be theirs.',
  ];
}

/** What became of the requests. */
function reachWords({ requests, vhost }: ReportCase): string[] {
  const refused = requests.filter(({ isRefused }) => isRefused);
  if (refused.length === 0) return [];
  const early = refused.filter(({ isEarly }) => isEarly).length;
  if (early === 0) return [];
  const all = early === 1 ? 'The refused request' : 'The refused requests';
  const whose = early === refused.length ? all : count(early, 'refused request');
  return [
    `${whose} did not get as far as the programs of ${vhost === null ? 'a' : 'your'} site: nothing was saved or changed there by ${early === 1 ? 'it' : 'them'}.`,
  ];
}

function otherMatters({ block }: ReportCase): string[] {
  if (block?.isNotWeb === true)
    return [
      'It has nothing to do with what was asked of a web site, and no rule of the web firewall took part.',
    ];
  if (block?.isForThese === true && block.trigger === 'LF_MODSEC')
    return ['It has nothing to do with passwords or mail: the block counts refused web requests alone.'];
  return [];
}
