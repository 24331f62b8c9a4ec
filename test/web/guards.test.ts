// The guards of the pages: each is looked at with it in place, and again with it taken out, where the same look must find
// something. A guard that can be removed without a finding is no guard, or its test no test.
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import request from 'supertest';
import type { Agent, Harness } from './harness.ts';
import type { ReadPage } from './html.ts';

type HarnessModule = typeof import('./harness.ts');
type Kit = HarnessModule & {
  readonly readHtml: (html: string) => ReadPage;
  readonly loginLink: (token: string) => string;
  readonly hostile: typeof import('./hostile.ts');
};

/** Loads the app anew, with some of its modules replaced. */
async function load(replaced: Readonly<Record<string, object>>): Promise<Kit> {
  jest.resetModules();
  for (const [name, exports] of Object.entries(replaced))
    jest.unstable_mockModule(`../../src/web/${name}.ts`, () => exports);
  const harness = await import('./harness.ts');
  const { readHtml } = await import('./html.ts');
  const { loginLink } = await import('../../src/web/login.ts');
  const hostile = await import('./hostile.ts');
  for (const name of Object.keys(replaced)) jest.unstable_unmockModule(`../../src/web/${name}.ts`);
  return { ...harness, readHtml, loginLink, hostile };
}

const BRIDGE_MODE = { mode: 'bridge' } as const;

/** A look at the app: what it found that must not be. */
type Look = (kit: Kit) => Promise<readonly string[]>;

async function withUser(
  kit: Kit,
  work: (user: Agent, harness: Harness) => Promise<string[]>,
): Promise<string[]> {
  const harness = kit.makeHarness();
  const user = await kit.signIn(harness);
  try {
    return await work(user, harness);
  } finally {
    user.close();
  }
}

async function listening<Result>(
  harness: Harness,
  work: (server: Server, port: number) => Promise<Result>,
): Promise<Result> {
  const server = harness.app.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  try {
    return await work(server, (server.address() as AddressInfo).port);
  } finally {
    server.close();
  }
}

const FORM = { q: '203.0.113.45' };

/** A form with a wrong token, none, or that of another user, another cpsess token, or another start of the service. */
const csrf: Look = async (kit) => {
  const found: string[] = [];
  const app = kit.makeHarness(BRIDGE_MODE).app;
  const tokenOf = async (headers: Record<string, string>): Promise<string> =>
    kit.csrfOf((await request(app).get('/').set(headers)).text);
  const send = async (what: string, token: string): Promise<void> => {
    const answer = await request(app)
      .post('/?p=/explain')
      .set(kit.BRIDGE)
      .type('form')
      .send({ ...FORM, csrf: token });
    if (answer.status !== 403) found.push(`${what}: ${answer.status}`);
  };
  const right = await tokenOf(kit.BRIDGE);
  await send('none', '');
  await send('wrong', right.slice(1));
  await send('of another user', await tokenOf({ ...kit.BRIDGE, 'X-WB-User': 'other' }));
  await send('of another cpsess token', await tokenOf({ ...kit.BRIDGE, 'X-WB-Token': '/cpsess9999999999' }));
  const json = await request(app)
    .post('/?p=/explain')
    .set(kit.BRIDGE)
    .send({ ...FORM, csrf: right });
  if (json.status !== 403) found.push(`as JSON: ${json.status}`);
  return found;
};

/** The right token, but another site's form. */
const crossOrigin: Look = (kit) =>
  withUser(kit, async ({ agent, csrf: token }) => {
    const found: string[] = [];
    for (const headers of [
      { Origin: 'https://evil.example.com' },
      { Origin: 'null' },
      { Origin: 'http://127.0.0.1:1' },
      { 'Sec-Fetch-Site': 'cross-site' },
      { 'Sec-Fetch-Site': 'same-site' },
    ] as Record<string, string>[]) {
      const answer = await agent
        .post('/?p=/explain')
        .set(headers)
        .type('form')
        .send({ ...FORM, csrf: token });
      if (answer.status !== 403) found.push(`${JSON.stringify(headers)}: ${answer.status}`);
    }
    return found;
  });

/** A page in a frame of another site, a script of another site, a type that is guessed, an address that leaks. */
const headers: Look = (kit) =>
  withUser(kit, async ({ agent }) => {
    const found: string[] = [];
    for (const page of [
      '/',
      '/?p=/activity',
      '/?p=/nosuch',
      '/?p=/search/export&q=x&format=text',
      '/?p=/explain&q=broken',
    ]) {
      const { headers: sent } = await agent.get(page);
      const policy = String(sent['content-security-policy']);
      const wanted: readonly [string, boolean][] = [
        ['frame-ancestors', policy.includes("frame-ancestors 'self'")],
        ['x-frame-options', sent['x-frame-options'] === 'SAMEORIGIN'],
        ['default-src', policy.includes("default-src 'none'")],
        ['script-src', /script-src 'self'(?:;|$)/.test(policy)],
        ['base-uri', policy.includes("base-uri 'none'")],
        ['form-action', policy.includes("form-action 'self'")],
        ['nosniff', sent['x-content-type-options'] === 'nosniff'],
        ['referrer', sent['referrer-policy'] === 'same-origin'],
      ];
      found.push(...wanted.filter(([, isSo]) => !isSo).map(([name]) => `${page}: ${name}`));
      if (/unsafe|\*/.test(policy)) found.push(`${page}: ${policy}`);
    }
    return found;
  });

/** A page that a browser or a proxy keeps. */
const caching: Look = (kit) =>
  withUser(kit, async ({ agent }) => {
    const found: string[] = [];
    for (const page of [
      '/',
      '/?p=/explain&q=203.0.113.45',
      '/?p=/activity',
      '/?p=/search&q=x',
      '/?p=/nosuch',
      '/?p=/explain&q=broken',
      '/?p=/search/export&q=x&format=csv',
    ]) {
      const { headers: sent } = await agent.get(page);
      if (sent['cache-control'] !== 'no-store') found.push(`${page}: ${String(sent['cache-control'])}`);
      if (sent.etag !== undefined) found.push(`${page}: an etag`);
    }
    return found;
  });

const MARKUP = `"><script>alert(1)</script><img src=x onerror=alert(2)>' onmouseover='alert(3)`;

/** Markup out of an address, out of the logs, and out of what others wrote. */
const markup: Look = (kit) =>
  withUser(kit, async ({ agent }, harness) => {
    const { hostile } = kit;
    harness.inbox = hostile.HOSTILE_INBOX;
    harness.activity = hostile.HOSTILE_ACTIVITY;
    harness.search.answer = () => hostile.HOSTILE_SEARCH;
    harness.search.kept = hostile.HOSTILE_SAVED;
    harness.search.nearby = () => hostile.HOSTILE_AROUND;
    harness.search.allLogs = hostile.HOSTILE_LOGS;
    harness.exclusions.domainsView = hostile.HOSTILE_DOMAINS;
    harness.exclusions.domainOf = () => hostile.HOSTILE_DOMAIN;
    harness.exclusions.ruleRows = hostile.HOSTILE_RULES;
    harness.exclusions.ruleOf = () => hostile.HOSTILE_RULE;
    harness.exclusions.proposalOf = () => hostile.HOSTILE_PROPOSAL;
    const found: string[] = [];
    const given = encodeURIComponent(MARKUP);
    for (const page of [
      ...[
        '/',
        '/activity',
        '/explain&q=hostile',
        '/search&q=x',
        '/search/logs',
        '/domains',
        '/domain&vhost=x',
        '/rules',
      ],
      ...['/rule&id=1', '/propose&kind=rule-vhost&vhost=x&rule=1', '/search/around&file=/x&offset=1'],
      ...[
        `/search&q=${given}`,
        `/rules&text=${given}&vhost=${given}`,
        `/scope&vhost=${given}&target=${given}`,
        `/${given}`,
      ],
      `/explain&q=${given}`,
    ]) {
      const { text } = await agent.get(`/?p=${page}`);
      const read = kit.readHtml(text);
      found.push(...read.problems.map((problem) => `${page}: ${problem}`));
      for (const { name, attributes } of read.tags)
        if (name === 'img' || (name === 'script' && !(attributes.get('src') ?? '').startsWith('static/')))
          found.push(`${page}: <${name}>`);
    }
    return found;
  });

/** A redirect to another site. Some values are taken into the address that a form leads to. */
const openRedirect: Look = (kit) =>
  withUser(kit, async ({ agent, csrf: token }) => {
    const found: string[] = [];
    for (const target of [
      '//evil.example.com',
      'https://evil.example.com',
      '/\\evil.example.com',
      'evil.example.com',
      'x\r\nLocation: //evil',
    ]) {
      for (const answer of [
        await agent.post('/?p=/explain').type('form').send({ q: target, csrf: token }),
        await agent.get('/').query({ p: '/explain', q: target }),
        await agent.get('/').query({ p: '/propose', scope: target, vhost: target }),
        await agent
          .post('/?p=/search/stop')
          .type('form')
          .send({ query: `q=${target}`, job: target, csrf: token }),
      ]) {
        const { location } = answer.headers;
        if (location !== undefined && !/^index\.cgi\?p=\/[\w/]*(?:&[\w-]+=[^\s&/\\]*)*$/.test(location))
          found.push(`${JSON.stringify(target)}: ${location}`);
      }
    }
    return found;
  });

/** A session that somebody else chose, a link that is used twice, a session that lives on after its end. */
const fixation: Look = async (kit) => {
  const found: string[] = [];
  const harness = kit.makeHarness();
  await listening(harness, async (server, port) => {
    const planted = `whyblocked-${port}=${'A'.repeat(43)}`;
    const link = `/${kit.loginLink(kit.TOKEN)}`;
    const before = await request(server).get('/').set('Cookie', planted);
    if (before.status !== 401) found.push(`a planted session is let in: ${before.status}`);
    const first = await request(server).get(link).set('Cookie', planted);
    const [cookie = ''] = String(first.headers['set-cookie']).split(';');
    if (cookie === planted) found.push('the planted session is taken over');
    if (!String(first.headers['set-cookie']).includes('HttpOnly; SameSite=Strict'))
      found.push('a loose cookie');
    const after = await request(server).get('/').set('Cookie', planted);
    if (after.status !== 401) found.push(`the planted session is let in afterwards: ${after.status}`);
    const second = await request(server).get(link);
    if (second.headers['set-cookie'] !== undefined) found.push('the link works twice');
    const home = await request(server).get('/').set('Cookie', cookie);
    if (home.status === 200) {
      const token = kit.csrfOf(home.text);
      await request(server).post('/?p=/logout').set('Cookie', cookie).type('form').send({ csrf: token });
      const ended = await request(server).get('/').set('Cookie', cookie);
      if (ended.status !== 401) found.push(`a session lives on after its end: ${ended.status}`);
    }
  });
  return found;
};

/** A foreign name that resolves to 127.0.0.1. */
const hostHeader: Look = (kit) =>
  withUser(kit, async ({ agent }) => {
    const found: string[] = [];
    for (const host of ['evil.example.com', '127.0.0.1.evil.example.com:80', 'localhost:1', '[::2]:80']) {
      const answer = await agent.get('/').set('Host', host);
      if (answer.status === 200 || kit.csrfOf(answer.text) !== '') found.push(`${host}: ${answer.status}`);
    }
    return found;
  });

/** A WHM user without root's rights, where the bridge let him through by mistake. */
const rootRights: Look = async (kit) => {
  const found: string[] = [];
  const harness = kit.makeHarness(BRIDGE_MODE);
  const without = Object.fromEntries(Object.entries(kit.BRIDGE).filter(([name]) => name !== 'X-WB-Root'));
  for (const more of [{}, { 'X-WB-Root': '0' }, { 'X-WB-Root': '' }, { 'X-WB-Root': '1, 1' }] as Record<
    string,
    string
  >[]) {
    for (const page of ['/', '/?p=/activity', '/?p=/search&q=x']) {
      const answer = await request(harness.app)
        .get(page)
        .set({ ...without, ...more });
      if (answer.status !== 403 || kit.csrfOf(answer.text) !== '') found.push(`${page}: ${answer.status}`);
    }
  }
  if (!harness.records.some(({ act, result }) => act === 'Open' && result === 'refused'))
    found.push('not recorded');
  return found;
};

/** Somebody who may only look. */
const readOnly: Look = async (kit) => {
  const harness = kit.makeHarness(BRIDGE_MODE, { readOnly: ['root'] });
  const token = kit.csrfOf((await request(harness.app).get('/').set(kit.BRIDGE)).text);
  const answer = await request(harness.app)
    .post('/?p=/revert')
    .set(kit.BRIDGE)
    .type('form')
    .send({ id: '12', reason: 'r', csrf: token });
  return [
    ...(answer.status === 403 ? [] : [`${answer.status}`]),
    ...harness.exclusions.orders.map(({ what }) => what),
  ];
};

/** A hundred costly pages in one moment. */
const pace: Look = async (kit) => {
  const harness = kit.makeHarness(BRIDGE_MODE, { costlyPerMinute: 30 });
  for (let count = 0; count < 100; count++) await request(harness.app).get('/?p=/search&q=x').set(kit.BRIDGE);
  const begun = harness.search.started.length;
  return begun > 30 ? [`${begun} searches were begun`] : [];
};

const LOOKS: Readonly<Record<string, Look>> = {
  csrf,
  crossOrigin,
  headers,
  caching,
  markup,
  openRedirect,
  fixation,
  hostHeader,
  rootRights,
  readOnly,
  pace,
};

interface Removal {
  readonly what: string;
  readonly look: keyof typeof LOOKS;
  readonly replaced: () => Promise<Readonly<Record<string, object>>>;
}

const nothing = (_request: unknown, _response: unknown, next: () => void): void => {
  next();
};

type Asked = import('express').Request;
/** A request that answers for its headers as `header` says. */
function asked(original: Asked, header: (name: string) => string | undefined): Asked {
  return Object.create(original, { get: { value: (name: string) => header(name.toLowerCase()) } }) as Asked;
}

/** Each guard taken out alone. */
const REMOVALS: readonly Removal[] = [
  {
    what: 'the token of a form',
    look: 'csrf',
    replaced: async () => {
      const real = await import('../../src/web/csrf.ts');
      const checkPost: typeof real.checkPost = (from, _given, expected, mode) => {
        real.checkPost(from, expected, expected, mode);
      };
      return { csrf: { ...real, checkPost } };
    },
  },
  {
    what: 'the binding of the token to user and cpsess token',
    look: 'csrf',
    replaced: async () => {
      const real = await import('../../src/web/csrf.ts');
      const csrfToken: typeof real.csrfToken = (secret, identity) =>
        real.csrfToken(secret, { ...identity, session: 'one for all' });
      return { csrf: { ...real, csrfToken } };
    },
  },
  {
    what: 'the look at Origin and Sec-Fetch-Site',
    look: 'crossOrigin',
    replaced: async () => {
      const real = await import('../../src/web/csrf.ts');
      const checkPost: typeof real.checkPost = (from, given, expected, mode) => {
        real.checkPost(
          asked(from, () => undefined),
          given,
          expected,
          mode,
        );
      };
      return { csrf: { ...real, checkPost } };
    },
  },
  {
    what: 'the headers against frames, scripts and guesses',
    look: 'headers',
    replaced: async () => {
      const real = await import('../../src/web/headers.ts');
      return { headers: { ...real, securityHeaders: () => nothing } };
    },
  },
  {
    what: 'no-store',
    look: 'caching',
    replaced: async () => {
      const real = await import('../../src/web/headers.ts');
      return { headers: { ...real, noStore: nothing } };
    },
  },
  {
    what: 'the escaping',
    look: 'markup',
    replaced: async () => {
      const real = await import('../../src/web/view-text.ts');
      return { 'view-text': { ...real, escapeHtml: String } };
    },
  },
  {
    what: 'the escaping of quotes alone',
    look: 'markup',
    replaced: async () => {
      const real = await import('../../src/web/view-text.ts');
      const escapeHtml = (value: unknown): string => real.escapeHtml(value).replaceAll('&quot;', '"');
      return { 'view-text': { ...real, escapeHtml } };
    },
  },
  {
    what: 'the check of redirects, with links that take a target as it is',
    look: 'openRedirect',
    replaced: async () => {
      const requests = await import('../../src/web/requests.ts');
      const links = await import('../../src/web/links.ts');
      const redirect: typeof requests.redirect = (response, to) => {
        response.status(303).set('Location', to).send('');
      };
      const proposeLink: typeof links.proposeLink = ({ vhost }) => vhost;
      const explainLink: typeof links.explainLink = (target) => target;
      return { requests: { ...requests, redirect }, links: { ...links, proposeLink, explainLink } };
    },
  },
  {
    what: 'that sessions are our own',
    look: 'fixation',
    replaced: async () => {
      const real = await import('../../src/web/sessions.ts');
      class Trusting extends real.LoginSessions {
        override touch(id: string): string | null {
          return super.touch(id) ?? (id === '' ? null : 'root');
        }
      }
      return { sessions: { ...real, LoginSessions: Trusting } };
    },
  },
  {
    what: 'that a link works once',
    look: 'fixation',
    replaced: async () => {
      const real = await import('../../src/web/sessions.ts');
      class Generous extends real.LoginSessions {
        override open(token: string): { readonly id: string; readonly who: string } | null {
          const session = super.open(token);
          if (session !== null) this.offer(token, session.who);
          return session;
        }
      }
      return { sessions: { ...real, LoginSessions: Generous } };
    },
  },
  {
    what: 'that sign-out ends the session',
    look: 'fixation',
    replaced: async () => {
      const real = await import('../../src/web/sessions.ts');
      class Lasting extends real.LoginSessions {
        override close(): void {
          // It lives on.
        }
      }
      return { sessions: { ...real, LoginSessions: Lasting } };
    },
  },
  {
    what: 'the look at the Host header',
    look: 'hostHeader',
    replaced: async () => {
      const real = await import('../../src/web/access.ts');
      return { access: { ...real, checkHost: () => undefined } };
    },
  },
  {
    what: 'the second look at root’s rights',
    look: 'rootRights',
    replaced: async () => {
      const real = await import('../../src/web/access.ts');
      const identify: typeof real.identify = (from, mode, list) =>
        real.identify(
          asked(from, (name) => (name === 'x-wb-root' ? '1' : from.get(name))),
          mode,
          list,
        );
      return { access: { ...real, identify } };
    },
  },
  {
    what: 'the list of those who may only look',
    look: 'readOnly',
    replaced: async () => {
      const real = await import('../../src/web/access.ts');
      const identify: typeof real.identify = (from, mode) => real.identify(from, mode, []);
      return { access: { ...real, identify } };
    },
  },
  {
    what: 'the pace',
    look: 'pace',
    replaced: async () => {
      const real = await import('../../src/web/pace.ts');
      class Endless extends real.Pace {
        override spend(): void {
          // As often as one likes.
        }
      }
      return { pace: { ...real, Pace: Endless } };
    },
  },
];

describe('with all guards in place nothing is found', () => {
  let kit: Kit;
  beforeEach(async () => {
    kit = await load({});
  });
  test.each(Object.keys(LOOKS))('%s', async (name) => {
    expect(await LOOKS[name]?.(kit)).toEqual([]);
  });
});

describe('without the guard the same look finds something', () => {
  afterEach(() => {
    jest.resetModules();
  });
  test.each(REMOVALS)('$what', async ({ look, replaced }) => {
    const kit = await load(await replaced());
    const found = await LOOKS[look]?.(kit);
    expect(found).not.toEqual([]);
  });

  test('every look has a guard that is taken out', () => {
    expect(new Set(REMOVALS.map(({ look }) => look))).toEqual(new Set(Object.keys(LOOKS)));
  });
});
