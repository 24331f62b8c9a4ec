// Generated requests: the same list for the same seed, to be recorded once and sent again exactly.
import type { Bed } from './apache.ts';
import type { BedRequest } from './send.ts';
import type { BedVhost } from './sites.ts';
import { AGENTS, ATTACKS, FIELDS, LOOKALIKES, ODD_PAGES, PAGES, PLAIN, SCANNERS } from './traffic-texts.ts';

const CONCURRENCY = 8;
const CLIENTS = 40;
const BOUNDARY = 'bed-boundary-7d1f';

/** A source of numbers that depends on the seed alone. */
class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** A number from 0 up to, but not, `below` (mulberry32). */
  below(below: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  }

  chance(percent: number): boolean {
    return this.below(100) < percent;
  }

  of<T>(list: readonly T[]): T {
    const item = list[this.below(list.length)];
    if (item === undefined) throw new Error('a list is empty');
    return item;
  }
}

type Pair = readonly [name: string, value: string];
/** What somebody is up to: how often, of a hundred values, one is an attack or only looks like one. */
interface Mood {
  readonly attack: number;
  readonly lookalike: number;
}
const MOODS: readonly Mood[] = [
  { attack: 0, lookalike: 0 },
  { attack: 0, lookalike: 40 },
  { attack: 25, lookalike: 15 },
  { attack: 60, lookalike: 10 },
];

function value(dice: Dice, mood: Mood): string {
  if (dice.chance(mood.attack)) return dice.of(dice.of(ATTACKS));
  return dice.of(dice.chance(mood.lookalike) ? LOOKALIKES : PLAIN);
}

function pairs(dice: Dice, mood: Mood): Pair[] {
  return Array.from({ length: 1 + dice.below(3) }, (): Pair => {
    // Now and then the name is what scores.
    const name = dice.chance(mood.attack / 15) ? value(dice, mood) : dice.of(FIELDS);
    return [name, value(dice, mood)];
  });
}

const urlencoded = (fields: readonly Pair[]): string =>
  fields.map(([name, text]) => `${encodeURIComponent(name)}=${encodeURIComponent(text)}`).join('&');

function json(dice: Dice, fields: readonly Pair[]): string {
  const flat = Object.fromEntries(fields);
  if (dice.chance(30)) return JSON.stringify({ order: flat, lines: fields.map(([, text]) => text) });
  return JSON.stringify(flat);
}

function multipart(fields: readonly Pair[], file: string): string {
  const parts = fields.map(
    ([name, text]) => `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${text}\r\n`,
  );
  return `${parts.join('')}--${BOUNDARY}\r\nContent-Disposition: form-data; name="upload"; filename="${file}"\r\nContent-Type: text/plain\r\n\r\nfile content\r\n--${BOUNDARY}--\r\n`;
}

/** Names in a multipart head stand in quotes: those with a quote or a line end would break the body. */
const quotable = (fields: readonly Pair[]): Pair[] => fields.filter(([name]) => !/["\\\r\n]/.test(name));

function bodyOf(dice: Dice, fields: readonly Pair[]): { readonly body: string; readonly type: string } {
  const kind = dice.below(10);
  if (kind < 5) return { body: urlencoded(fields), type: 'application/x-www-form-urlencoded' };
  // One in fifty JSON bodies is cut off: it cannot be read, which is another answer than a refusal.
  if (kind < 8)
    return { body: json(dice, fields).slice(0, dice.chance(2) ? 5 : undefined), type: 'application/json' };
  const file = dice.of(['photo.jpg', 'offer.docx', 'shell.php', 'notes.txt']);
  return { body: multipart(quotable(fields), file), type: `multipart/form-data; boundary=${BOUNDARY}` };
}

function headersOf(dice: Dice, mood: Mood): Record<string, string> {
  const agent = dice.of(dice.chance(mood.attack / 10) ? SCANNERS : AGENTS);
  const headers: Record<string, string> = {
    // An empty User-Agent costs two points and is let pass, an empty Accept header costs seven.
    'User-Agent': dice.chance(7) ? '' : agent,
    Accept: dice.chance(3) ? '' : '*/*',
  };
  if (dice.chance(40))
    headers.Cookie = `sid=${dice.below(1e6)}; theme=${encodeURIComponent(value(dice, mood))}`;
  if (dice.chance(15))
    headers.Referer = `https://www.example.org/?from=${encodeURIComponent(value(dice, mood))}`;
  return headers;
}

/** The addresses of one seed: three documentation ranges, and IPv6. */
function client(index: number): string {
  if (index % 10 === 9) return `2001:db8::${(index + 16).toString(16)}`;
  const range = ['192.0.2', '198.51.100', '203.0.113'][index % 3] ?? '192.0.2';
  return `${range}.${20 + index}`;
}

function request(dice: Dice, vhost: BedVhost): BedRequest {
  const who = dice.below(CLIENTS);
  // What somebody is up to goes with the address: a quarter of them each.
  const mood = MOODS[who % MOODS.length] ?? MOODS[0];
  if (mood === undefined) throw new Error('there are no moods');
  const page = dice.of(dice.chance(mood.attack === 0 ? 3 : 15) ? ODD_PAGES : PAGES);
  const path = page.replace('{n}', String(1 + dice.below(500)));
  const fields = pairs(dice, mood);
  const base = {
    host: dice.of([vhost.servername, vhost.servername, ...vhost.aliases]),
    client: client(who),
    tls: dice.chance(50),
  };
  const headers = headersOf(dice, mood);
  if (dice.chance(45)) {
    const { body, type } = bodyOf(dice, fields);
    const query = dice.chance(20) ? `?${urlencoded(pairs(dice, mood))}` : '';
    return { ...base, path: `${path}${query}`, headers: { ...headers, 'Content-Type': type }, body };
  }
  const target = dice.chance(10) ? path : `${path}?${urlencoded(fields)}`;
  return {
    ...base,
    path: target,
    headers,
    ...(dice.chance(3) ? { method: dice.of(['PUT', 'DELETE']) } : {}),
  };
}

/** `count` requests to the vhosts, std and tls alike; the list depends on the arguments alone. */
export function makeTraffic(seed: number, count: number, vhosts: readonly BedVhost[]): BedRequest[] {
  const dice = new Dice(seed);
  return Array.from({ length: count }, () => request(dice, dice.of(vhosts)));
}

/** How one request was answered. */
export interface Answer {
  readonly status: number;
  /** Apache's unique id of it; empty when the bed was not started with `answerIds`. */
  readonly uniqueId: string;
}

/** Sends the requests, eight at a time, and gives the answers in the order of the list. */
export async function sendTraffic(bed: Bed, requests: readonly BedRequest[]): Promise<Answer[]> {
  const answers: Answer[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    for (let at = next++; at < requests.length; at = next++) {
      const one = requests[at];
      if (one === undefined) return;
      const { status, headers } = await bed.send(one);
      answers[at] = { status, uniqueId: headers['x-bed-id'] ?? '' };
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, work));
  return answers;
}
