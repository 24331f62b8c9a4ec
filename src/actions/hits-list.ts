// What rests on WHM's hits list alone, said where the sources are named.
import { count } from '../analyse/sentences.ts';
import type { Coverage, Transaction } from '../model.ts';

/** One entry when some of the requests were joined out of WHM's hits list; none otherwise. */
export function hitsListCoverage(transactions: readonly Transaction[]): Coverage[] {
  const joined = transactions.filter(({ sources }) => sources.includes('hits_db'));
  if (joined.length === 0) return [];
  const times = joined.map(({ at }) => at);
  const requests = count(joined.length, 'request');
  return [
    {
      source: 'WHM’s hits list',
      kind: 'hits_db',
      state: 'ok',
      from: Math.min(...times),
      to: Math.max(...times),
      lines: joined.reduce((sum, { hits }) => sum + hits.length, 0),
      sentence: `${requests} joined by time, from WHM’s hits list: no log covers that time. Rows of one address, host, path and second count as one request; headers, bodies and tags are not in it.`,
    },
  ];
}
