// Ordinary visitors in the background: about forty addresses that read a few pages with their files.
import { BLOG, CRAFT, SHOP, STATIC } from '../sites.ts';
import { browserHeaders, CHROME, FIREFOX, IPHONE, pageUrl, readPage } from './story.ts';
import type { Step, Story, Visit } from './story.ts';

interface Reading {
  readonly host: string;
  readonly pages: readonly string[];
  readonly assets: readonly string[];
}

const READINGS: readonly Reading[] = [
  {
    host: BLOG.servername,
    pages: ['/', '/2026/summer-market/', '/2026/spring-walk/', '/about/', '/category/news/', '/contact/'],
    assets: [
      '/wp-content/themes/plain/style.css',
      '/wp-content/themes/plain/app.js',
      '/wp-content/uploads/header.gif',
    ],
  },
  {
    host: SHOP.servername,
    pages: ['/', '/product.php?id=3', '/product.php?id=17', '/search.php?q=mug', '/cart.php', '/contact.php'],
    assets: ['/style.css', '/app.js', '/img/logo.gif', '/img/p1.gif', '/img/p2.gif'],
  },
  {
    host: STATIC.servername,
    pages: ['/', '/about.html', '/prices.html', '/contact.html'],
    assets: ['/style.css', '/img/logo.gif'],
  },
  {
    host: CRAFT.aliases[0] ?? CRAFT.servername,
    pages: ['/', '/about.html', '/prices.html'],
    assets: ['/style.css', '/img/logo.gif'],
  },
];
const AGENTS = [FIREFOX, CHROME, IPHONE];
const LANGUAGES = ['sk-SK,sk;q=0.9', 'cs-CZ,cs;q=0.9,en;q=0.6', 'en-GB,en;q=0.8', 'de-AT,de;q=0.9'];
const VISITORS = 40;
/** The visits are spread over this many hours before the end. */
const HOURS = 19;

/** A small generator with a fixed seed (Lehmer, 2^31-1), so that each recording has the same visits. */
function seeded(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 48271) % 2147483647;
    return state % below;
  };
}

function address(i: number): string {
  if (i % 5 === 4) return `2001:db8:${(0x4a0 + i * 7).toString(16)}:12::${(i + 1).toString(16)}`;
  return `${['192.0.2', '198.51.100', '203.0.113'][i % 3] ?? '192.0.2'}.${30 + i * 5}`;
}

function pick<T>(list: readonly T[], i: number): T {
  const item = list[i % list.length];
  if (item === undefined) throw new Error('nothing to pick from');
  return item;
}

/** Browsers ask for it by themselves; none of the sites has one. */
function favicon(visit: Visit, at: number): Step {
  const headers = browserHeaders(visit, pageUrl(visit, '/'), true);
  return {
    at,
    request: { host: visit.host, client: visit.client, tls: visit.tls, path: '/favicon.ico', headers },
    expect: 404,
  };
}

function visitSteps(visit: Visit, reading: Reading, start: number, draw: (below: number) => number): Step[] {
  const steps: Step[] = [];
  let at = start;
  let from: string | null = null;
  for (let n = 2 + draw(4); n > 0; n -= 1) {
    const path: string = from === null ? '/' : pick(reading.pages, draw(reading.pages.length));
    steps.push(
      ...readPage(visit, at, path, {
        from,
        assets: from === null ? reading.assets : reading.assets.slice(-1),
      }),
    );
    if (from === null) steps.push(favicon(visit, at + 1.4));
    from = path;
    at += 8 + draw(70);
  }
  return steps;
}

/** Forty visits; the last one ends at the end of the recording. */
export function visitors(): Story {
  const draw = seeded(20261122);
  const steps = Array.from({ length: VISITORS }, (_, i) => {
    const reading = pick(READINGS, draw(READINGS.length));
    const visit: Visit = {
      client: address(i),
      host: reading.host,
      userAgent: pick(AGENTS, draw(AGENTS.length)),
      language: pick(LANGUAGES, draw(LANGUAGES.length)),
      tls: draw(6) !== 0,
    };
    const start = -((VISITORS - i) / VISITORS) * HOURS * 3600 + draw(900);
    return visitSteps(visit, reading, i === VISITORS - 1 ? -150 : Math.min(start, -400), draw);
  });
  return { name: 'ordinary visitors', steps: steps.flat().filter((step) => step.at <= 0) };
}
