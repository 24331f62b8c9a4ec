// npm run eval:preview -- [SEED] [REQUESTS]: whether previews come true on a real Apache.
//
// Records generated requests on the test bed, tries hundreds of exclusions on them, then writes some of each kind
// (free all that they touch, some, nothing) as the product does, reloads, sends the vhost's requests again from the
// driver's own list, and compares each answer with what the preview said. Prints one line an exclusion and the sums.
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Preview, PreviewSummary } from '../../src/actions/exclusion-view.ts';
import { previewLadder, previewScope } from '../../src/actions/preview.ts';
import { refresh } from '../../src/actions/refresh.ts';
import { formFor } from '../../src/actions/preview-rules.ts';
import { pathTemplate } from '../../src/analyse/causes.ts';
import { renderExclusionFile } from '../../src/analyse/exclusion-render.ts';
import { toTransaction } from '../../src/analyse/merge.ts';
import { readPath, sentPath } from '../../src/analyse/path-scope.ts';
import { onlyAddsUp } from '../../src/analyse/score.ts';
import type { Tried } from '../../src/analyse/scope-hits.ts';
import { scopeWords } from '../../src/analyse/scope-words.ts';
import { openContext, type OpenContext } from '../../src/context.ts';
import type { ExclusionScope } from '../../src/model-rules.ts';
import { type Bed, type BedOptions, startBed } from '../bed/apache.ts';
import type { BedRequest } from '../bed/send.ts';
import { ALL_VHOSTS, type BedVhost } from '../bed/sites.ts';
import { type Answer, makeTraffic, sendTraffic } from '../bed/traffic.ts';

const seed = Number(process.argv[2] ?? 1);
const count = Number(process.argv[3] ?? 4000);
/** Exclusions of each effect on each of four vhosts and four servers. */
const OF_EACH_EFFECT = 3;
const WRITABLE_TARGET = /^(?!TX|MATCHED)[A-Z_]+(?::[\w.[\]-]{1,80})?$/;

interface Sums {
  exclusions: number;
  equal: number;
  different: number;
  bound: number;
  /** Those among the equal ones that the exclusion took a hit out of. */
  touched: number;
  /** Requests that were not refused before and are now, and refused ones of other vhosts that are not any more. */
  others: number;
}

/** Where a vhost's exclusions are written, plain and TLS. */
function filesOf(bed: Bed, { account, servername }: BedVhost): string[] {
  return ['std', 'ssl'].map((tree) =>
    join(bed.root, `etc/apache2/conf.d/userdata/${tree}/2_4/${account}/${servername}/whyblocked.conf`),
  );
}

function write(bed: Bed, vhost: BedVhost, tried: Tried | null): void {
  const written =
    tried === null
      ? []
      : [{ ...tried, id: 1, reason: 'a trial', author: 'eval', createdAt: 0, expiresAt: null }];
  const text = renderExclusionFile(
    { vhost: vhost.servername, account: vhost.account },
    written,
    (at) => new Date(at).toISOString(),
    (body) => createHash('sha256').update(body, 'latin1').digest('hex'),
  );
  for (const path of filesOf(bed, vhost)) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text, 'latin1');
  }
}

/** Every scope that the recorded hits of a vhost suggest, and some that name nothing of them. */
function candidates(ctx: OpenContext, { servername, aliases }: BedVhost): Tried[] {
  const nothing = { vhost: servername, ruleId: null, tag: null, target: null, path: null };
  const found = new Map<string, ExclusionScope>();
  const add = (scope: ExclusionScope): void => {
    found.set(JSON.stringify(scope), scope);
  };
  for (const parts of ctx.store.transactions.ofVhosts([servername, ...aliases], -Infinity, Infinity, true)) {
    const { hits, request } = toTransaction(parts);
    const path = sentPath(request?.uri ?? '/');
    const paths = [path, `${path.slice(0, path.lastIndexOf('/') + 1)}*`, pathTemplate(path)].map(readPath);
    for (const { ruleId, target, tags } of hits) {
      if (onlyAddsUp(ruleId)) continue;
      add({ ...nothing, kind: 'rule-vhost', ruleId });
      for (const one of paths) add({ ...nothing, kind: 'rule-path', ruleId, path: one });
      for (const tag of tags)
        if (/^attack-(?!generic)/.test(tag)) add({ ...nothing, kind: 'tag-vhost', tag });
      if (target === null || !WRITABLE_TARGET.test(target)) continue;
      for (const name of [target, target.replace(/:.*$/, '')]) {
        add({ ...nothing, kind: 'target-vhost', ruleId, target: name });
        for (const one of paths) add({ ...nothing, kind: 'target-path', ruleId, target: name, path: one });
      }
      add({ ...nothing, kind: 'target-vhost', ruleId, target: 'ARGS:nobody' });
    }
  }
  add({ ...nothing, kind: 'engine-off' });
  return [...found.values()].map((scope) => ({ scope, form: formFor(ctx, scope) }));
}

type Effect = 'all' | 'some' | 'nothing';

function effectOf({ totals, touched }: PreviewSummary): Effect {
  if (totals.passes === 0) return 'nothing';
  return totals.passes >= touched ? 'all' : 'some';
}

/** Some of each effect: the one that touches most, then some of each kind of scope; the order depends on the seed. */
function chosen(tries: readonly Tried[], summaries: readonly PreviewSummary[]): [Tried, Effect][] {
  const rank = (tried: Tried): string =>
    createHash('md5')
      .update(`${seed} ${JSON.stringify(tried)}`)
      .digest('hex');
  const all = tries
    .map((tried, index) => ({ tried, summary: summaries[index] }))
    .sort((a, b) => (rank(a.tried) < rank(b.tried) ? -1 : 1));
  return (['all', 'some', 'nothing'] as const).flatMap((effect) => {
    const fitting = all.filter(({ summary }) => summary !== undefined && effectOf(summary) === effect);
    const widest = fitting
      .toSorted((a, b) => (b.summary?.touched ?? 0) - (a.summary?.touched ?? 0))
      .slice(0, 1);
    const rest = Map.groupBy(
      fitting.filter((one) => !widest.includes(one)),
      ({ tried }) => tried.scope.kind,
    );
    const spread = Array.from({ length: OF_EACH_EFFECT }, (_, round) =>
      [...rest.values()].flatMap((list) => list[round] ?? []),
    ).flat();
    return [...widest, ...spread]
      .slice(0, OF_EACH_EFFECT)
      .map(({ tried }): [Tried, Effect] => [tried, effect]);
  });
}

interface Recording {
  readonly bed: Bed;
  readonly requests: readonly BedRequest[];
  readonly answers: readonly Answer[];
}

async function compare(
  { bed, requests, answers }: Recording,
  vhost: BedVhost,
  preview: Preview,
  sums: Sums,
): Promise<string> {
  const rows = new Map(preview.transactions.map((row) => [row.uniqueId, row]));
  const names = new Set([vhost.servername, ...vhost.aliases]);
  // All of the vhost, and every twentieth of the others, which must not change.
  const sent = [...requests.keys()].filter((at) => names.has(requests[at]?.host ?? '') || at % 20 === 0);
  const again = await sendTraffic(
    bed,
    sent.flatMap((at) => requests[at] ?? []),
  );
  let [equal, different, bound] = [0, 0, 0];
  for (const [index, at] of sent.entries()) {
    const before = answers[at];
    const isRefused = again[index]?.status === 403;
    const row = rows.get(before?.uniqueId ?? '');
    if (row === undefined) sums.others += isRefused === (before?.status === 403) ? 0 : 1;
    else if (row.outcome === 'bound') bound++;
    else if ((row.outcome === 'blocked') === isRefused) {
      equal++;
      if (row.touched) sums.touched++;
    } else {
      different++;
      console.log('  DIFFERENT', JSON.stringify(requests[at]).slice(0, 600), JSON.stringify(row));
    }
  }
  sums.exclusions++;
  sums.equal += equal;
  sums.different += different;
  sums.bound += bound;
  const { passes } = preview.totals;
  return `${equal} equal, ${different} different, ${bound} bound; ${preview.touched} touched, ${passes} pass`;
}

interface Server extends Pick<BedOptions, 'crs' | 'earlyBlock'> {
  /** False: the audit log is taken away before anything reads it, so error_log is all there is. */
  readonly audit: boolean;
}

async function campaign({ audit, ...options }: Server): Promise<Sums> {
  const dir = mkdtempSync(join(tmpdir(), 'whyblocked-eval-'));
  const bed = await startBed({
    dir,
    auditLog: 'serial',
    vhosts: ALL_VHOSTS,
    mpm: 'event',
    answerIds: true,
    ...options,
  });
  const sums: Sums = { exclusions: 0, equal: 0, different: 0, bound: 0, touched: 0, others: 0 };
  let ctx: OpenContext | null = null;
  try {
    for (const vhost of ALL_VHOSTS) write(bed, vhost, null);
    bed.rebuild();
    await bed.graceful();
    const requests = makeTraffic(seed, count, ALL_VHOSTS);
    const answers = await sendTraffic(bed, requests);
    await bed.settle();
    if (!audit) rmSync(join(bed.root, 'etc/apache2/logs/modsec_audit.log'));
    ctx = openContext({
      root: bed.root,
      state: join(dir, 'state'),
      version: 'eval',
      env: {},
      warn: console.error,
    });
    await refresh(ctx);
    const previews: [BedVhost, Tried, Effect, Preview][] = [];
    for (const vhost of ALL_VHOSTS) {
      const tries = candidates(ctx, vhost);
      const started = performance.now();
      const window = { from: 0, to: Date.now() };
      const { summaries } = await previewLadder(ctx, tries, { window, most: 0, chosen: 0 });
      console.log(
        `${vhost.servername}: ${tries.length} exclusions tried on ${summaries[0]?.refused ?? 0} refusals in ${Math.round(performance.now() - started)} ms`,
      );
      for (const [tried, effect] of chosen(tries, summaries))
        previews.push([vhost, tried, effect, await previewScope(ctx, tried, { window, most: count })]);
    }
    for (const [vhost, tried, effect, preview] of previews) {
      write(bed, vhost, tried);
      await bed.graceful();
      const result = await compare({ bed, requests, answers }, vhost, preview, sums);
      console.log(`${effect.padEnd(8)} ${scopeWords(tried.scope)} (${tried.form}): ${result}`);
      write(bed, vhost, null);
    }
    await bed.graceful();
  } finally {
    ctx?.close();
    await bed.stop();
    rmSync(dir, { recursive: true, force: true });
  }
  return sums;
}

console.log(`seed ${seed}, ${count} requests a server`);
const SERVERS: readonly Server[] = [
  { crs: '3', audit: true },
  { crs: '3', audit: false },
  { crs: '4ish', audit: true },
  { crs: '4ish', earlyBlock: true, audit: true },
];
for (const server of SERVERS) {
  console.log(`\n== ${JSON.stringify(server)}`);
  const { exclusions, equal, different, bound, touched, others } = await campaign(server);
  const all = equal + different + bound;
  const share = (part: number, of: number): string => `${((100 * part) / Math.max(1, of)).toFixed(2)} %`;
  console.log(
    `${exclusions} exclusions, ${all} refusals tried, ${touched + different} of them touched and certain: ` +
      `${share(equal, equal + different)} equal (${share(touched, touched + different)} of the touched), ${share(bound, all)} bound, ${others} other requests changed`,
  );
}
