// What rules and settings have in common on all pages that show them.
import type { EngineFacts, RuleSummary, Setting } from '../actions/domain-view.ts';
import type { PlaceView } from './view-raw.ts';
import { placeViews } from './view-raw.ts';

/** `critical · PL 1 · phase 2`; what is not known is left out. */
export function ruleFacts(rule: RuleSummary): string {
  const facts = [
    rule.onlyAddsUp ? 'only adds up' : null,
    rule.severity?.toLowerCase() ?? null,
    rule.points === null || rule.points === 0 ? null : `${rule.points} points`,
    rule.paranoiaLevel === null ? null : `PL ${rule.paranoiaLevel}`,
    rule.phase === null ? null : `phase ${rule.phase}`,
  ];
  return facts.filter((text) => text !== null).join(' \u00b7 ');
}

/** What partials/settings.ejs needs of one. */
export interface SettingView {
  readonly name: string;
  readonly value: string;
  readonly about: string;
  readonly warning: string;
  readonly places: readonly PlaceView[];
}

/** A setting: what the configuration says, where; and what the logs show, with the lines, where that is something else. */
export function settingView({ name, config, logs, warning, lines, source }: Setting): SettingView {
  const isSame = config === logs || config === null || logs === null;
  const from = config === null ? (logs === null ? '' : 'from the logs') : (source ?? 'configuration');
  return {
    name,
    value: config ?? logs ?? 'not known',
    about: isSame ? from : `${from}; the logs show ${logs}`,
    warning: warning ?? '',
    places: warning === null && config !== null ? [] : placeViews(lines, new Map()),
  };
}

const ENGINES: Readonly<Record<NonNullable<EngineFacts['engine']>, string>> = {
  'modsecurity-2': 'ModSecurity 2 on Apache',
  'modsecurity-3': 'ModSecurity 3',
  litespeed: 'LiteSpeed',
  nginx: 'nginx',
};

/** What partials/engine-card.ejs needs. */
export interface EngineView {
  readonly tone: 'ok' | 'warn' | 'bad' | 'off';
  readonly mode: string;
  readonly engine: string;
  readonly settings: readonly SettingView[];
}

const MODES = {
  On: { tone: 'ok', mode: 'On, refusing' },
  DetectionOnly: { tone: 'warn', mode: 'DetectionOnly: it logs and refuses nothing' },
  Off: { tone: 'bad', mode: 'Off: no rule runs' },
} as const;

/** The engine's card. */
export function engineView({ mode, engine, settings }: EngineFacts): EngineView {
  const known = mode === null ? { tone: 'off' as const, mode: 'Not known whether it refuses' } : MODES[mode];
  return {
    ...known,
    engine: engine === null ? 'not known' : ENGINES[engine],
    settings: settings.map(settingView),
  };
}
