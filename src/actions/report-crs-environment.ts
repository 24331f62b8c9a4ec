// What a report to the CRS project says of this server.
import { blockingLevelOf } from '../analyse/engine-settings.ts';
import type { StoredHit } from '../model.ts';
import type { Context } from './context.ts';
import type { EngineFacts } from './domain-view.ts';
import { engineFacts } from './engine-facts.ts';
import type { CurlSettings } from './report-curl.ts';
import { valueOf } from './report-value.ts';
import type { Spans } from './report-view.ts';
import { ruleCatalogue } from './rule-catalogue.ts';

const ENGINES: Readonly<Record<string, string>> = {
  'modsecurity-2': 'ModSecurity 2',
  'modsecurity-3': 'ModSecurity 3 (libmodsecurity)',
  litespeed: 'the engine of LiteSpeed',
  nginx: 'ModSecurity 3 (libmodsecurity)',
};
const SERVERS: Readonly<Record<string, string>> = {
  'modsecurity-2': 'Apache 2.4',
  'modsecurity-3': 'Apache 2.4',
  litespeed: 'LiteSpeed',
  nginx: 'nginx',
};

/** "Your Environment" of the issue form: what the configuration and the logs tell; what they do not is to be added by hand. */
export async function crsEnvironment(
  ctx: Context,
  hits: readonly StoredHit[],
): Promise<{ readonly items: readonly Spans[]; readonly curl: CurlSettings }> {
  const { engine, settings } = await engineFacts(ctx);
  const [version = told(settings)] = hits.flatMap((hit) => hit.version ?? []);
  const level = blockingLevelOf(ruleCatalogue(ctx));
  const own = ctx.host.modsecConfig().version;
  const unknown = 'not known: add it';
  return {
    curl: { paranoiaLevel: level, isNginx: engine === 'nginx' || engine === 'modsecurity-3' },
    items: [
      ['CRS version: ', ...(version === null ? [unknown] : [valueOf(version)])],
      [`Paranoia level setting: ${level === null ? unknown : `PL${level}`}`],
      [
        `ModSecurity version: ${engine === null ? unknown : (ENGINES[engine] ?? unknown)}`,
        ...(own === null ? [', version not known: add it'] : [', version ', valueOf(own)]),
      ],
      [
        `Web Server and version: ${engine === null ? unknown : `${SERVERS[engine] ?? unknown}, add its exact version`}`,
      ],
      ['Operating System and version: add it'],
    ],
  };
}

function told(settings: EngineFacts['settings']): string | null {
  const found = settings.find(({ name }) => name === 'CRS version');
  return found?.config ?? found?.logs ?? null;
}
