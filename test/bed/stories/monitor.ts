// Background on the bare server: an uptime monitor that asks for its start page every half hour.
import { SERVER_NAME } from '../sites.ts';
import type { Story } from './story.ts';

const CLIENT = '203.0.113.11';
const HOURS = 19;
const EVERY_SECONDS = 1800;

/** Harmless requests that score nothing; they show that the access log of the bare server is being written. */
export function monitor(): Story {
  const rounds = (HOURS * 3600) / EVERY_SECONDS;
  return {
    name: 'monitor',
    steps: Array.from({ length: rounds }, (_, round) => ({
      at: -HOURS * 3600 + round * EVERY_SECONDS,
      request: {
        host: SERVER_NAME,
        client: CLIENT,
        path: '/',
        headers: { 'User-Agent': 'UptimeCheck/2.1', Accept: '*/*' },
      },
      expect: 200,
    })),
  };
}
