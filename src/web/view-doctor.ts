// The page of the self-test: the worst first, then by group.
import { byWeight } from '../actions/doctor.ts';
import type { Check, DoctorReport } from '../actions/doctor-view.ts';
import { REDIRECT_TRIAL, SLOW_SECONDS, SLOW_TRIAL } from '../actions/doctor-whm.ts';
import { pageLink } from './links.ts';
import { checkAnchor, TONES, type Tone, WORDS } from './view-check.ts';
import { type SourceRow, sourceRows } from './view-sources.ts';

interface CheckRow {
  readonly anchor: string;
  readonly title: string;
  readonly group: string;
  readonly tone: Tone;
  readonly word: string;
  readonly found: string;
  readonly means: string;
  readonly mend: string;
}

/** What views/doctor.ejs needs. */
export interface DoctorPage {
  readonly title: string;
  readonly headline: string;
  readonly tone: Tone;
  readonly open: readonly CheckRow[];
  /** Sources that need a look, each with a link to its row. */
  readonly openSources: readonly { readonly href: string; readonly title: string; readonly found: string }[];
  readonly sources: readonly SourceRow[];
  readonly well: readonly CheckRow[];
  readonly text: string;
  /** Null outside WHM, where there is nothing to try. */
  readonly trials: {
    readonly action: string;
    readonly form: string;
    readonly dot: string;
    readonly buttons: readonly { readonly what: string; readonly text: string; readonly about: string }[];
  } | null;
}

const GROUP_NAMES: Readonly<Record<Check['group'], string>> = {
  program: 'Program',
  cpanel: 'cPanel',
  whm: 'Through WHM',
  logs: 'Logs',
  modsecurity: 'ModSecurity',
  apache: 'Apache',
  csf: 'csf',
  service: 'Service',
};

function row({ id, state, group, title, found, means, mend }: Check): CheckRow {
  const tone = TONES[state];
  return {
    anchor: checkAnchor(id),
    title,
    group: GROUP_NAMES[group],
    tone,
    word: WORDS[state],
    found,
    means,
    mend: mend ?? '',
  };
}

/** Puts the page together. */
export function doctorPage(
  { checks, sources, counts, headline }: DoctorReport,
  isInWhm: boolean,
): DoctorPage {
  const own = new Set(sources.map(({ id }) => id));
  const sorted = byWeight(checks.filter(({ id }) => !own.has(id)));
  const isOpen = ({ state }: Pick<Check, 'state'>): boolean =>
    state === 'fail' || state === 'warn' || state === 'unknown';
  return {
    title: 'Self-test',
    headline,
    tone: counts.fail > 0 ? 'bad' : counts.warn > 0 ? 'warn' : 'ok',
    open: sorted.filter(isOpen).map(row),
    openSources: sources.filter(isOpen).map(({ id, title, found }) => ({
      href: `#${checkAnchor(id)}`,
      title,
      found,
    })),
    sources: sourceRows(sources),
    well: sorted.filter((check) => !isOpen(check)).map(row),
    text: pageLink('/doctor', { text: 1 }),
    trials: isInWhm
      ? {
          action: pageLink('/doctor/try'),
          form: pageLink('/doctor/form'),
          dot: pageLink('/doctor/dot').replace('index.cgi', 'index.cgi/path-info'),
          buttons: [
            { what: REDIRECT_TRIAL, text: 'Try a redirect', about: 'comes back at once' },
            {
              what: SLOW_TRIAL,
              text: `Wait ${SLOW_SECONDS} s for an answer`,
              about: 'comes back when WHM lets slow answers through',
            },
          ],
        }
      : null,
  };
}
