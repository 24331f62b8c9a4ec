// The settings that decide what is refused: what the configuration says, what the logs show, where they differ.
import { type Catalogue, isActive } from './catalogue.ts';
import type { LoadedDirective } from './load-order.ts';
import type { LoggedSettings, SettingKey } from './logged-settings.ts';
import type { LineRef } from '../model.ts';
import type { TxValue } from './tx-values.ts';

/** One setting; `config` and `logs` are null where nothing tells. */
export interface EngineSetting {
  readonly key: SettingKey;
  readonly name: string;
  readonly config: string | null;
  readonly logs: string | null;
  readonly warning: string | null;
  readonly lines: readonly LineRef[];
  /** Place of the configuration's line; absent without one. */
  readonly source?: string;
}

interface FromConfig {
  readonly value: string | null;
  readonly source: string | null;
  /** What is odd about the configuration itself. */
  readonly warning: string | null;
}

const NAMES: Readonly<Record<SettingKey, string>> = {
  mode: 'Engine',
  version: 'CRS version',
  inbound: 'Inbound threshold',
  outbound: 'Outbound threshold',
  blockingLevel: 'Blocking paranoia level',
  detectionLevel: 'Detection paranoia level',
  responseBodies: 'Response bodies',
};
const KEYS: readonly SettingKey[] = [
  'mode',
  'version',
  'inbound',
  'outbound',
  'blockingLevel',
  'detectionLevel',
  'responseBodies',
];
const NOTHING: FromConfig = { value: null, source: null, warning: null };

/**
 * All settings in a fixed order. Thresholds and levels come from crs-setup.conf, else from CRS's own defaults; names
 * of CRS 3 and CRS 4. A detection level in the logs is the highest of a rule that fired, so it may be lower than
 * the configuration's.
 */
export function engineSettings(catalogue: Catalogue, logged: LoggedSettings): EngineSetting[] {
  const level = (...names: string[]): FromConfig => fromTx(catalogue, names);
  const blockingLevel = level('blocking_paranoia_level', 'paranoia_level');
  const config: Readonly<Record<SettingKey, FromConfig>> = {
    mode: fromDirective(catalogue, 'secruleengine', MODES),
    version: crsVersion(catalogue),
    inbound: level('inbound_anomaly_score_threshold'),
    outbound: level('outbound_anomaly_score_threshold'),
    blockingLevel,
    detectionLevel: withLevelWarning(
      level('detection_paranoia_level', 'executing_paranoia_level'),
      blockingLevel,
    ),
    responseBodies: fromDirective(catalogue, 'secresponsebodyaccess', SWITCH),
  };
  return KEYS.map((key) => {
    const { value, source, warning } = config[key];
    const shown = logged[key];
    const warnings = [warning, difference(key, value, shown?.value ?? null)].filter((one) => one !== null);
    return {
      key,
      name: NAMES[key],
      config: value,
      logs: shown?.value ?? null,
      warning: warnings.length === 0 ? null : warnings.join(' '),
      lines: shown?.lines ?? [],
      ...(source === null ? {} : { source }),
    };
  });
}

/** The blocking paranoia level that the configuration says; null when it does not. */
export function blockingLevelOf(catalogue: Catalogue): number | null {
  const { value } = fromTx(catalogue, ['blocking_paranoia_level', 'paranoia_level']);
  return value !== null && /^[1-4]$/.test(value) ? Number(value) : null;
}

function difference(key: SettingKey, config: string | null, logs: string | null): string | null {
  if (config === null || logs === null || config === logs) return null;
  if (key === 'detectionLevel' && Number(logs) <= Number(config)) return null;
  return `The configuration says ${config}, the logs show ${logs}: the logs are older than the last change, or a vhost sets it otherwise.`;
}

function fromTx({ tx }: Catalogue, names: readonly string[]): FromConfig {
  // CRS 3 and 4 may be installed both; the first name that is set counts.
  const found = names.map((name) => tx.get(name)).find((value) => value !== undefined);
  if (found === undefined) return NOTHING;
  const { place, byDefault } = found;
  const source = `${nameOf(place.file)}:${place.line}${byDefault ? ' (default)' : ''}`;
  return { value: found.value, source, warning: elsewhereWarning(found) };
}

function elsewhereWarning({ elsewhere }: TxValue): string | null {
  const [first] = elsewhere;
  if (first === undefined) return null;
  const more = elsewhere.length > 1 ? ` and ${elsewhere.length - 1} more` : '';
  return `Rule ${first.id} (${nameOf(first.file)}:${first.line})${more} may set another value for some requests.`;
}

function withLevelWarning(detection: FromConfig, blocking: FromConfig): FromConfig {
  const [detected, counted] = [Number(detection.value ?? Number.NaN), Number(blocking.value ?? Number.NaN)];
  if (detected > counted) {
    const warning = `Rules above level ${counted} are logged up to level ${detected}, but their points do not count.`;
    return { ...detection, warning: joined(detection.warning, warning) };
  }
  if (detected < counted) {
    const warning = `It is below the blocking level ${counted}, which CRS does not allow.`;
    return { ...detection, warning: joined(detection.warning, warning) };
  }
  return detection;
}

function joined(first: string | null, second: string): string {
  return first === null ? second : `${first} ${second}`;
}

const MODES: readonly string[] = ['On', 'Off', 'DetectionOnly'];
const SWITCH: readonly string[] = ['On', 'Off'];

/** The last line for the whole server counts. */
function fromDirective({ order }: Catalogue, name: string, values: readonly string[]): FromConfig {
  const found = order.directives.findLast(({ directive }) => directive.name.toLowerCase() === name);
  if (found === undefined) return NOTHING;
  const word = found.directive.words[0]?.toLowerCase();
  const value = values.find((one) => one.toLowerCase() === word) ?? null;
  return { value, source: sourceOf(found), warning: null };
}

function sourceOf({ file, directive }: LoadedDirective): string {
  return `${nameOf(file)}:${directive.line}`;
}

/** Each folder counts with its most common version: a package may carry single rules of a later one. */
function crsVersion({ rules }: Catalogue): FromConfig {
  const folders = new Map<string, string[]>();
  for (const entry of [...rules.values()].flat()) {
    const version = /^OWASP_CRS\/(\d[\w.-]{0,30})$/.exec(entry.rule.version ?? '')?.[1];
    if (version === undefined || !isActive(entry)) continue;
    const folder = entry.rule.file.slice(0, entry.rule.file.lastIndexOf('/'));
    const known = folders.get(folder);
    if (known === undefined) folders.set(folder, [version]);
    else known.push(version);
  }
  const versions = byCount(Array.from(folders.values(), (all) => byCount(all)[0] ?? ''));
  if (versions.length === 0) return NOTHING;
  const warning =
    versions.length === 1
      ? null
      : `Rules of ${versions.length} versions are loaded (${versions.slice(0, 5).join(', ')}).`;
  return { value: versions[0] ?? null, source: null, warning };
}

/** Each text once, the most frequent first. */
function byCount(texts: readonly string[]): string[] {
  const counts = Map.groupBy(texts, (text) => text);
  return [...counts].sort(([, a], [, b]) => b.length - a.length).map(([text]) => text);
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
