// Which engine looks at requests here, and the settings that decide what it refuses.
import { engineSettings } from '../analyse/engine-settings.ts';
import { type LoggedSettings, loggedSettings } from '../analyse/logged-settings.ts';
import { toTransaction } from '../analyse/merge.ts';
import type { ModsecConfig } from '../host/modsec-config.ts';
import type { Context } from './context.ts';
import type { EngineFacts } from './domain-view.ts';
import { ruleCatalogue } from './rule-catalogue.ts';

/** Newest transactions that are asked for settings: enough to hold a refusal and rules of each level that is on. */
const NEWEST = 200;

/**
 * The engine and its settings. Logs are read as far as they are kept: the caller brings them up to date first. `mode`
 * is what the configuration says, else what the logs show; null when neither tells.
 */
export function engineFacts(ctx: Context): Promise<EngineFacts> {
  const settings = engineSettings(ruleCatalogue(ctx), readLogged(ctx));
  return Promise.resolve({
    mode: modeIn(settings),
    engine: engineOf(ctx.host.modsecConfig()),
    settings: settings.map(({ name, config, logs, warning, lines, source }) => ({
      ...{ name, config, logs, warning, lines },
      ...(source === undefined ? {} : { source }),
    })),
  });
}

function readLogged(ctx: Context): LoggedSettings {
  const { transactions, ruleUse } = ctx.store;
  const newest = ruleUse.newest(NEWEST).map((id) => transactions.byId(id));
  return loggedSettings(newest.filter((parts) => parts !== null).map(toTransaction));
}

/** The mode alone, as `engineFacts` gives it. */
export function engineMode(ctx: Context): EngineFacts['mode'] {
  return modeIn(engineSettings(ruleCatalogue(ctx), readLogged(ctx)));
}

function modeIn(settings: ReturnType<typeof engineSettings>): EngineFacts['mode'] {
  const mode = settings.find(({ key }) => key === 'mode');
  return modeOf(mode?.config ?? mode?.logs ?? null);
}

function modeOf(text: string | null): EngineFacts['mode'] {
  return text === 'On' || text === 'Off' || text === 'DetectionOnly' ? text : null;
}

/** LiteSpeed and nginx answer in Apache's stead where they are installed, so they come first. */
function engineOf({ litespeed, nginx, entries, version }: ModsecConfig): EngineFacts['engine'] {
  if (litespeed) return 'litespeed';
  if (nginx) return 'nginx';
  if (version !== null) return version.startsWith('3.') ? 'modsecurity-3' : 'modsecurity-2';
  if (entries.some((path) => path.endsWith('/modsec30.conf'))) return 'modsecurity-3';
  return entries.length > 0 ? 'modsecurity-2' : null;
}
