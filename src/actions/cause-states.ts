// An admin says what he makes of a cause.
import { maskUri } from '../analyse/mask.ts';
import type { CauseState } from '../model-evidence.ts';
import type { StateChange } from '../store/cause-states.ts';
import { recordState } from './cause-steps.ts';
import { causeRow } from './causes.ts';
import type { CauseChange, CauseRow } from './causes-view.ts';
import type { Context } from './context.ts';
import { BadInput, Refused } from './errors.ts';
import { actTime } from './exclude.ts';
import { presentMoment } from './server.ts';

const LONGEST_NOTE = 500;
const MOST_VISITORS = 10_000;
const STATES: readonly CauseState[] = ['new', 'known', 'ignored', 'fixed'];

/** Who acts, for the activity. */
interface CauseActor {
  readonly who: string;
  readonly address: string | null;
}

/**
 * Sets the state of a cause and records it. Throws BadInput for a number that no cause has, a state that cannot be set,
 * a wrong count, a missing or long note; Refused when somebody else changed it meanwhile.
 */
export async function setCauseState(
  ctx: Context,
  id: number,
  change: CauseChange,
  by: CauseActor,
): Promise<CauseRow> {
  const cause = Number.isSafeInteger(id) ? ctx.store.causeList.byId(id) : null;
  if (cause === null) throw new BadInput(`There is no cause ${id}. The list of causes has them all.`);
  // The moment that the logs are at: on a copied server the clock is somewhere else.
  const at = await presentMoment(ctx);
  const next: StateChange = { ...readChange(change, cause.ordinary), at, by: by.who };
  const isSet = ctx.store.write(() => {
    if (!ctx.store.causeStates.set(id, cause.state, next)) return false;
    recordState(ctx, cause, next, { at: actTime(ctx), address: by.address });
    return true;
  });
  if (!isSet)
    throw new Refused(`Cause ${id} has just got another state. Look at it again; nothing was changed.`);
  const row = await causeRow(ctx, id);
  if (row === null) throw new Refused(`Cause ${id} is gone.`);
  return row;
}

/** `ordinary`: visitors that it counts now. */
function readChange({ state, until, note }: CauseChange, ordinary: number): Omit<StateChange, 'at' | 'by'> {
  if (!STATES.includes(state))
    throw new BadInput('A cause can be set to known, ignored, fixed or new.', 'state');
  const text = readNote(note);
  if (text === '' && (state === 'fixed' || state === 'ignored'))
    throw new BadInput('Say why: the note stays with the cause and in the activity.', 'note');
  if (until !== null && state !== 'ignored')
    throw new BadInput('A number of visitors goes only with ignored.', 'until');
  if (until !== null && !(Number.isInteger(until) && until >= 1 && until <= MOST_VISITORS))
    throw new BadInput(
      `Give the number of further visitors as a whole number from 1 to ${MOST_VISITORS}.`,
      'until',
    );
  const ignored = until === null ? {} : { ignoreUntil: ordinary + until, ignoreBase: ordinary };
  return { state, note: text, ignoreUntil: null, ignoreBase: null, fixedBy: null, ...ignored };
}

/** One line without secrets: it stays in records. */
function readNote(note: string): string {
  const text = note.replaceAll(/\s+/g, ' ').trim();
  if (text.length > LONGEST_NOTE)
    throw new BadInput(`The note is too long: at most ${LONGEST_NOTE} characters.`, 'note');
  return maskUri(text);
}
