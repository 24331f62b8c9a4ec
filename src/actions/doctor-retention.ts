// How much is kept and what went: the database against its limits.
import { count } from '../analyse/sentences.ts';
import { type Check, checksOf } from './doctor-view.ts';
import { mebibytes } from './mebibytes.ts';
import type { RetentionState } from './retention-state.ts';

const KEPT = 'What open incidents, marks and exclusions need stays however old it is.';
const SET = 'Set with `retention` in the config file.';

/** `when` writes a time. */
export function retentionCheck(state: RetentionState, when: (at: number) => string): Check {
  const check = checksOf('program');
  const title = 'What is kept';
  const found = `${sizeWords(state)}, ${limitWords(state)}; ${ageWords(state, when)}; ${lastWords(state, when)}`;
  if (state.trouble === 'csf')
    return check('retention', title, {
      state: 'warn',
      found,
      means:
        'csf.deny could not be read whole: nothing is removed, as nobody can tell whose incidents are still needed.',
      mend: 'Look at the check of csf.deny.',
    });
  if (state.trouble === 'needed')
    return check('retention', title, {
      state: 'warn',
      found,
      means:
        'It is over its limit, and all that is left is needed: blocked or marked addresses, exclusions, the last hour.',
      mend: 'Set more megabytes with `retention` in the config file, or end blocks and marks that are done with.',
    });
  return check('retention', title, {
    state: state.limitBytes === null && state.days === null ? 'info' : 'ok',
    found,
    means: state.shrinks
      ? `${KEPT} ${SET}`
      : `${KEPT} ${SET} The file was made by an older version: it keeps its size and reuses its space.`,
  });
}

function sizeWords({ usedBytes, fileBytes }: RetentionState): string {
  const used = mebibytes(usedBytes);
  const file = mebibytes(fileBytes);
  return used === file ? used : `${used} in a file of ${file}`;
}

function limitWords({ limitBytes, days }: RetentionState): string {
  const limits = [
    ...(limitBytes === null ? [] : [mebibytes(limitBytes)]),
    ...(days === null ? [] : [count(days, 'day')]),
  ];
  return limits.length === 0 ? 'no limit' : `limit ${limits.join(' and ')}`;
}

function ageWords({ oldestAt }: RetentionState, when: (at: number) => string): string {
  return oldestAt === null ? 'nothing is kept yet' : `oldest request ${when(oldestAt)}`;
}

function lastWords({ last, nextAt, limitBytes, days }: RetentionState, when: (at: number) => string): string {
  const went =
    last === null
      ? 'nothing went so far'
      : `last removed ${when(last.at)}: ${count(last.incidents, 'incident')}, ${count(last.transactions, 'request')}, up to ${when(last.before)}`;
  if (limitBytes === null && days === null) return went;
  if (nextAt === null) return `${went}; at work now`;
  return nextAt === 0 ? went : `${went}; next look ${when(nextAt)}`;
}
