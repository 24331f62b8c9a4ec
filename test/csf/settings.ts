// What the stand-in goes by: csf.conf, and the facts of its machine that the kit has written down.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The machine as csf sees it. */
export interface Machine {
  /** Addresses of this server. */
  readonly own: readonly string[];
  /** What the look-up says of an address, e.g. `US/United States/-`. */
  readonly lookups: Readonly<Record<string, string>>;
  /** Lines that begin every output. */
  readonly warnings: readonly string[];
  /** Members of the cluster that do not answer, and how. */
  readonly peers: Readonly<Record<string, 'down' | 'silent'>>;
  /** Nets of countries, by their two letters. */
  readonly countries: Readonly<Record<string, readonly string[]>>;
  /** Between the pieces of a rewrite. */
  readonly pauseMs: number;
  /** Epoch seconds that stand still; null for the real time. */
  readonly clock: number | null;
}

export const MACHINE = 'run/csf/machine.json';

export function readMachine(root: string): Machine {
  return JSON.parse(readFileSync(join(root, MACHINE), 'utf8')) as Machine;
}

export type Conf = Readonly<Record<string, string | undefined>>;

/** csf.conf: the text between the first and the last quote of each line. */
export function readConf(root: string): Conf {
  const conf: Record<string, string> = {};
  for (const line of readFileSync(join(root, 'etc/csf/csf.conf'), 'latin1').split('\n')) {
    const found = /^([^#\s=][^=\s]*)\s*=\s*"(.*)"/.exec(line);
    if (found?.[1] !== undefined) conf[found[1]] = found[2] ?? '';
  }
  return conf;
}

/** Whether a setting counts as on for Perl. */
export function isOn(conf: Conf, name: string): boolean {
  const value = conf[name] ?? '';
  return value !== '' && value !== '0';
}
