// Story 1: a scanner asks for the start page of the bare server ten times in 1.3 seconds.
import { SERVER_ADDRESS } from '../sites.ts';
import type { Story } from './story.ts';

export const TEN_HITS_CLIENT = '198.51.100.77';
const START = -14 * 60;
/** Seconds after the first request; uneven, as a network makes them. */
const GAPS = [0, 0.131, 0.268, 0.402, 0.561, 0.689, 0.842, 0.977, 1.121, 1.304];

/** Each request scores 5 for the scanner's name (913100) and 3 for a numeric Host (920350). */
export function tenHits(): Story {
  return {
    name: 'ten hits',
    steps: GAPS.map((gap) => ({
      at: START + gap,
      request: {
        host: SERVER_ADDRESS,
        client: TEN_HITS_CLIENT,
        path: '/',
        headers: { 'User-Agent': 'Mozilla/5.0 zgrab/0.x', Accept: '*/*', 'Accept-Encoding': 'gzip' },
      },
      expect: 403,
    })),
  };
}
