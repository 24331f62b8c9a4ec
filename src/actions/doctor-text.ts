// A report of `doctor` as text: in the terminal, and as a file that can be sent.
import { byWeight } from './doctor.ts';
import type { Check, CheckState, DoctorReport } from './doctor-view.ts';

const WORDS: Readonly<Record<CheckState, string>> = {
  fail: 'FAIL',
  warn: 'look',
  unknown: '?',
  info: 'info',
  ok: 'ok',
};

/** All checks, the worst first, with what each means and how to mend it. `paint` colours the word of a state. */
export function reportText(
  { checks, sources, headline, server }: DoctorReport,
  paint: (word: string, state: CheckState) => string = (word) => word,
): string {
  const host = server.hostname === null ? '' : ` on ${server.hostname}`;
  const samples = new Map(sources.map((source) => [source.id, source.samples]));
  const lines = byWeight(checks).flatMap((check) => [
    ...checkLines(check, paint(WORDS[check.state].padEnd(4), check.state)),
    ...(samples.get(check.id) ?? []).map((sample) => `      not understood: ${sample}`),
  ]);
  return [headline, `Whyblocked ${server.version}${host}, ${server.now}`, '', ...lines, ''].join('\n');
}

function checkLines({ state, group, title, found, means, mend }: Check, word: string): string[] {
  const first = `${word}  ${group}: ${title}: ${found}`;
  if (state === 'ok') return [first];
  return [first, `      ${means}`, ...(mend === null ? [] : [`      -> ${mend}`])];
}
