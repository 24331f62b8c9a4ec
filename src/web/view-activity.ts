// The activity page: every act that changed something, by day, newest first.
import type { ActivityRow } from '../actions/explanation.ts';
import type { LongText } from './view-text.ts';
import { longText } from './view-text.ts';
import { clockTime, weekDay } from './view-time.ts';

interface ActivityDay {
  readonly day: string;
  readonly rows: readonly {
    readonly time: string;
    readonly who: string;
    readonly act: string;
    readonly detail: LongText;
    readonly result: string;
    readonly tone: 'ok' | 'bad' | 'off';
  }[];
}

export interface ActivityPage {
  readonly title: string;
  readonly days: readonly ActivityDay[];
}

function tone(result: string): 'ok' | 'bad' | 'off' {
  if (/^done\b/i.test(result)) return 'ok';
  return /^(refused|failed|nothing changed|not )/i.test(result) ? 'bad' : 'off';
}

/** Groups the rows by calendar day, in the order given. */
export function activityPage(rows: readonly ActivityRow[]): ActivityPage {
  const days = Map.groupBy(rows, (row) => weekDay(row.at));
  return {
    title: 'Activity',
    days: [...days].map(([day, own]) => ({
      day,
      rows: own.map((row) => ({
        time: clockTime(row.at),
        who: row.address === null ? row.who : `${row.who}, ${row.address}`,
        act: row.act,
        detail: longText(row.detail),
        result: row.result,
        tone: tone(row.result),
      })),
    })),
  };
}
