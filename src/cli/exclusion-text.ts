// Exclusions in the terminal: what one would do, what is in force.
import type { ExclusionsView, ExclusionView } from '../actions/exclusion-view.ts';
import type { Offer } from '../actions/offer.ts';
import { foundLines } from './found-text.ts';
import { type Output, safeText } from './terminal.ts';

const SIGNS = { refuse: '✗', warn: '!', ok: '·' } as const;

/** The lines are worth showing where they can be written, or would work if only the engine were another. */
function isShown(allowed: boolean, checks: Offer['checks']): boolean {
  return allowed || checks.every(({ level, code }) => level !== 'refuse' || code === 'engine');
}

/** The offer as JSON: the scope, its checks, the numbers of its preview, the file. */
export function offerJson({ view, allowed, checks, instead, preview, file, expiresAt }: Offer): object {
  const { totals, byVerdict, visitors, attacksPassing, sentence, window } = preview;
  return {
    exclusion: view,
    allowed,
    checks,
    instead,
    preview: { sentence, window, totals, byVerdict, visitors, attacksPassing },
    file: isShown(allowed, checks) ? file : null,
    expiresAt,
  };
}

/** The offer as text; of one that is refused, why, and what works instead. */
export function offerLines({ view, allowed, checks, instead, preview, file }: Offer): string[] {
  const isWorth = isShown(allowed, checks);
  const lines = [
    `${view.words}.`,
    '',
    ...(isWorth
      ? [
          preview.sentence,
          `${preview.totals.passes} freed, ${preview.totals.blocked} still blocked, ${preview.totals.bound} not certain; ${preview.attacksPassing} of ${preview.attacks} attack requests pass.`,
          '',
        ]
      : []),
    ...checks
      .filter(({ level }) => isWorth || level === 'refuse')
      .map(({ level, text }) => `${SIGNS[level]} ${text}`),
    ...(instead === null ? [] : [`→ What works: ${instead.words}.`]),
    ...(isWorth
      ? [
          '',
          ...file.paths,
          ...file.after
            .trimEnd()
            .split('\n')
            .map((line) => `  ${line}`),
        ]
      : []),
  ];
  return lines.map((line) => safeText(line));
}

function usesText({ uses, lastUse, furtherHits, furtherRequests }: ExclusionView): string {
  const used =
    uses === null
      ? 'Its use was not counted yet.'
      : `It covered ${uses} requests since${lastUse === null ? '' : `, the last ${lastUse}`}.`;
  return furtherHits === null || furtherRequests === null || furtherRequests === 0
    ? used
    : `${used} The excluded hit stands in ${furtherHits} of ${furtherRequests} further requests with rule hits.`;
}

/** All exclusions as text. */
export function exclusionLines(output: Output, view: ExclusionsView): string[] {
  const active = view.active.flatMap((one) => [
    `${one.id}  ${one.scope.words}`,
    `    ${one.reason} (${one.author}, ${one.createdAt}); ${one.expiresAt === null ? 'ends when it is taken back' : `ends ${one.expiresAt}`}`,
    `    ${usesText(one)}`,
    ...one.warnings.map(({ text }) => `    ! ${text}`),
  ]);
  const drift = view.drift.flatMap((one) => [
    `! ${one.vhost}: ${one.text}`,
    ...one.paths.map((path) => `    ${path}`),
  ]);
  return [
    ...(active.length === 0 ? ['Whyblocked has switched nothing off.'] : active),
    ...(view.writable.why === null ? [] : [`Nothing can be written here: ${view.writable.why}`]),
    ...drift,
  ]
    .map((line) => safeText(line))
    .concat(view.found.length === 0 ? [] : ['', 'Left by others:', ...foundLines(output, view.found)]);
}
