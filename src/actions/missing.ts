// What is missing for an answer: which source, and why.
import type { Coverage } from '../model.ts';
import type { Desk } from './desk.ts';
import type { Explanation } from './explanation.ts';

/** Sources with a gap, those that could not be read, and an inferred time zone. */
export function missingOf(desk: Desk, coverage: readonly Coverage[]): Explanation['missing'] {
  const gaps = coverage
    .filter((one) => one.state !== 'ok')
    .map((one) => ({ source: one.source, why: one.sentence }));
  const zone =
    desk.clock.basis === 'known'
      ? []
      : [
          {
            source: 'time zone',
            why: 'etc/localtime is not there; the offset is taken from the logs, or is UTC where they name none.',
          },
        ];
  return [...gaps, ...desk.firewall.problems, ...zone];
}
