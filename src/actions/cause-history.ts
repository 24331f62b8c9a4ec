// What was done about a cause: states, marks, exclusions that cover it.
import { coversCause } from '../analyse/cause-cover.ts';
import { scopeWords } from '../analyse/scope-words.ts';
import type { EpochMs } from '../model.ts';
import type { CauseRecord } from '../store/cause-record.ts';
import type { CauseDesk } from './cause-rows.ts';
import { activeRules } from './active-rules.ts';
import type { CausePageView } from './causes-view.ts';
import { isoTime } from './iso-time.ts';

const MOST = 100;

interface Step {
  readonly at: EpochMs;
  readonly who: string;
  readonly words: string;
}

/** Newest first, at most 100. */
export function causeHistory({ ctx, clock }: CauseDesk, cause: CauseRecord): CausePageView['history'] {
  const { store } = ctx;
  const states = store
    .activityOfCause(cause.id, MOST)
    .map(({ at, who, result }) => ({ at, who, words: result }));
  const steps: Step[] = [...states, ...marksOf(ctx, cause), ...exclusionsOf(ctx, cause)];
  return steps
    .sort((a, b) => b.at - a.at)
    .slice(0, MOST)
    .map(({ at, who, words }) => ({ at: isoTime(clock.zone, at), who, words }));
}

function marksOf({ store }: CauseDesk['ctx'], { id }: CauseRecord): Step[] {
  return store.marks.ofCause(id).flatMap(({ at, author, note, endedAt, endedBy }) => {
    const made = {
      at,
      who: author,
      words: note === '' ? 'marked as a false alarm' : `marked as a false alarm: ${note}`,
    };
    return endedAt === null ? [made] : [made, { at: endedAt, who: endedBy ?? '', words: 'mark taken back' }];
  });
}

function exclusionsOf(ctx: CauseDesk['ctx'], cause: CauseRecord): Step[] {
  const tagsOf = (id: string): readonly string[] =>
    activeRules(ctx)
      .byId.get(id)
      ?.flatMap(({ tags }) => tags) ?? [];
  const all = [...ctx.store.exclusions.active(cause.vhost), ...ctx.store.exclusions.ended(MOST)];
  return all
    .filter(({ scope }) => coversCause(scope, cause, tagsOf))
    .flatMap(({ id, scope, author, createdAt, endedAt, state }) => {
      const made = { at: createdAt, who: author, words: `exclusion ${id}: ${scopeWords(scope)}` };
      if (endedAt === null) return [made];
      const how = state === 'expired' ? 'ended: its time was over' : 'was taken back';
      return [made, { at: endedAt, who: '', words: `exclusion ${id} ${how}` }];
    });
}
