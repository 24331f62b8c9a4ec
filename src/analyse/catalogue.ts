// All installed rules by id: whose they are, whether the configuration loads them, what switched them off.
import type { Severity } from '../model.ts';
import type { RuleInfo } from '../model-rules.ts';
import type { RuleFileParts } from '../parse/crs-rule.ts';
import { type FileLine, type LoadOrder, loadOrder } from './load-order.ts';
import { POINTS, pointsOf } from './points.ts';
import { startValues, type TxValue } from './tx-values.ts';

export interface CatalogueRule {
  readonly rule: RuleInfo;
  /** Folder of the vendor, e.g. `OWASP3`; null for the server's own files. */
  readonly vendor: string | null;
  /** Null when the configuration that would load it was not found. */
  readonly loaded: boolean | null;
  readonly disabled: Disabled | null;
  readonly points: number | null;
}

/** The line that takes a rule out for the whole server. */
export interface Disabled extends FileLine {
  readonly by: 'whm' | 'cmc' | 'hand';
  /** E.g. `switched off in WHM for the whole server (modsec2.cpanel.conf:12)`. */
  readonly words: string;
}

export interface Catalogue {
  /** Several for one id where vendors, versions or copies share it, those that are loaded first. */
  readonly rules: ReadonlyMap<string, readonly CatalogueRule[]>;
  /** Names that `skipAfter` jumps to. */
  readonly markers: readonly (FileLine & { readonly name: string })[];
  readonly order: LoadOrder;
  /** Variables that set CRS up, by name without `tx.`. */
  readonly tx: ReadonlyMap<string, TxValue>;
  /** Points by severity on this server. */
  readonly scores: ReadonlyMap<Severity, number>;
}

const VENDOR = /\/modsec_vendor_configs\/([^/]+)\//;

/** The vendor that a rule file belongs to: cPanel keeps each in a folder of its name; null for other files. */
export function vendorOf(path: string): string | null {
  return VENDOR.exec(path)?.[1] ?? null;
}

/**
 * Builds the catalogue. `files`: rule files and configuration; `entries`: paths of those among them that Apache
 * itself includes, in its order. Without any entry nothing is known of loading, and all files count as read in the
 * order of their names.
 */
export function buildCatalogue(files: readonly RuleFileParts[], entries: readonly string[]): Catalogue {
  const isKnown = entries.length > 0;
  const order = loadOrder(files, isKnown ? entries : files.map(({ path }) => path).sort());
  const tx = startValues(order.rules.filter(({ removed }) => removed === null).map(({ rule }) => rule));
  const scores = scoresOf(tx);
  const loaded = new Map(order.rules.map(({ rule, removed }) => [rule, removed]));
  const all = files.flatMap(({ rules }) =>
    rules.map((rule): CatalogueRule => {
      const removed = loaded.get(rule) ?? null;
      return {
        rule,
        vendor: vendorOf(rule.file),
        loaded: isKnown ? loaded.has(rule) : null,
        disabled: removed === null ? null : disabledBy(removed),
        points: pointsOf(rule, scores),
      };
    }),
  );
  const byUse = all.sort((a, b) => Number(isActive(b)) - Number(isActive(a)));
  return {
    rules: Map.groupBy(byUse, ({ rule }) => rule.id),
    markers: files.flatMap(({ path, markers }) => markers.map((marker) => ({ ...marker, file: path }))),
    order,
    tx,
    scores,
  };
}

/** Whether a rule looks at requests, as far as the configuration tells. */
export function isActive({ loaded, disabled }: CatalogueRule): boolean {
  return loaded !== false && disabled === null;
}

function scoresOf(tx: ReadonlyMap<string, TxValue>): Map<Severity, number> {
  return new Map(
    Array.from(POINTS, ([severity, points]) => {
      const set = tx.get(`${severity.toLowerCase()}_anomaly_score`)?.value ?? '';
      return [severity, /^\d{1,6}$/.test(set) ? Number(set) : points];
    }),
  );
}

function disabledBy(place: FileLine): Disabled {
  const name = place.file.slice(place.file.lastIndexOf('/') + 1);
  const at = `(${name}:${place.line})`;
  switch (name) {
    case 'modsec2.cpanel.conf':
      return { ...place, by: 'whm', words: `switched off in WHM for the whole server ${at}` };
    case 'modsec2.whitelist.conf':
      return { ...place, by: 'cmc', words: `in CMC’s list for the whole server ${at}` };
    default:
      return { ...place, by: 'hand', words: `taken out for the whole server ${at}` };
  }
}
