// Golden cases as raw logs: several people behind one address, together and told apart.
import { repeated, seconds } from './rows.ts';
import { mailboxLogin, modsecBlock } from './service-files.ts';
import { CHROME, FIREFOX, FIREFOX_FETCH, posted, refused, type Sent, type Story, views } from './story.ts';

const PAGES = ['/', '/products/', '/products/lamp', '/about/'];
const LATER = ['/products/chair', '/contact/'];
/** A site whose pages need no script. */
const NO_SCRIPT = ['/css/site.css', '/img/logo.png', '/img/shop.jpg', '/fonts/a.woff2', '/img/icon.svg'];
const NAMES = 'alpha bravo carol delta echo fox golf hotel india juliet kilo lima'.split(' ');

const form = (more: Partial<Sent> = {}): Sent =>
  posted(
    0,
    ['/contact/', '942360', 'message'],
    { message: 'Please drop the table at my door and select a lamp from the shop' },
    more,
  );
/** Somebody else of the same address looks for pages that do not exist, under changing names. */
const search = (agents: readonly string[]): Sent[] => [
  ...NAMES.map((name, nth) => ({
    at: 50 + nth * 4,
    uri: `/old/${name}`,
    status: 404,
    agent: agents[nth % agents.length] ?? '',
  })),
  refused(100, '/old/form', { agent: agents[0] ?? '' }),
];
const looks = (count: number): string[] =>
  Array.from({ length: count }, (_, nth) => `Look/1.${nth} (compatible)`);
const PROBES = ['/.env', '/.git/config', '/backup.sql', '/.aws/credentials', '/'];
const TOOL = 'Nikto/2.5.0';

/** Golden cases that are a whole address. */
export const SHARED: Readonly<Record<string, Omit<Story, 'name'>>> = {
  'Slovak customer behind CGNAT: one flagged form, mail login ok, another user of the address scans': {
    // Seven names are too many to tell people apart by them.
    extra: [mailboxLogin(-7200), modsecBlock(120, 'mobile-24.pool.example.net')],
    sent: [
      ...views(-120, { pages: PAGES, assets: NO_SCRIPT }),
      form(),
      ...search(looks(6)),
      ...views(200, { pages: LATER, assets: NO_SCRIPT }),
    ],
  },
};

/** Addresses whose visitors are told apart. */
export const SPLIT = {
  cgnat: {
    extra: [mailboxLogin(-7200), modsecBlock(120, 'mobile-24.pool.example.net')],
    sent: [...views(-120, { pages: PAGES }), form(), ...search(looks(4)), ...views(200, { pages: LATER })],
  },
  office: {
    sent: [
      ...views(-120, { pages: PAGES, agent: FIREFOX }),
      form({ agent: FIREFOX, headers: FIREFOX_FETCH }),
      ...repeated(seconds(10, 0.14, 40), (at, nth) => refused(at, PROBES[nth % 5] ?? '/', { agent: TOOL })),
      ...views(200, { pages: LATER, agent: FIREFOX }),
    ],
  },
} as const satisfies Readonly<Record<string, Omit<Story, 'name'>>>;

/** Golden cases that are one visitor of such an address. */
export const PARTS: readonly {
  readonly name: string;
  readonly story: keyof typeof SPLIT;
  readonly agent: string;
}[] = [
  { name: "same, incident split by cookie/UA: customer's part", story: 'cgnat', agent: CHROME },
  { name: "office address, scanner's part after the split by browser", story: 'office', agent: TOOL },
  { name: "office address, customer's part after the split", story: 'office', agent: FIREFOX },
];
