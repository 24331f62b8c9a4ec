// A server whose csf files, lfd.log and kept incidents are written by the tests of the firewall, with one context for a file.
import { join } from 'node:path';
import { whereNow, type WhereNow } from '../../src/actions/firewall-where.ts';
import { refresh } from '../../src/actions/refresh.ts';
import type { OpenContext } from '../../src/context.ts';
import type { VerdictLabel } from '../../src/model.ts';
import { makeServer, tempDir, type TestRoot } from '../host/make-root.ts';
import { open } from './kit.ts';

export const NOW = '2026-11-22T18:00:00+01:00';
export const NOW_MS = Date.parse(NOW);
export const EPOCH = NOW_MS / 1000;
/** csf's lists by their names in the texts of the tests. */
const PATHS = {
  deny: '/etc/csf/csf.deny',
  allow: '/etc/csf/csf.allow',
  ignore: '/etc/csf/csf.ignore',
  blocklists: '/etc/csf/csf.blocklists',
  conf: '/etc/csf/csf.conf',
  tempban: '/var/lib/csf/csf.tempban',
  tempallow: '/var/lib/csf/csf.tempallow',
  tempip: '/var/lib/csf/csf.tempip',
  gdeny: '/var/lib/csf/csf.gdeny',
  gallow: '/var/lib/csf/csf.gallow',
  gignore: '/var/lib/csf/csf.gignore',
} as const;
export type CsfTexts = Readonly<Partial<Record<keyof typeof PATHS, string>>>;
/** What is as csf is delivered, as far as it matters. */
const CONF: Readonly<Record<string, string>> = {
  ...{ TESTING: '0', LF_DAEMON: '1', LF_MODSEC: '5', LF_MODSEC_PERM: '1', LF_INTERVAL: '3600', IPV6: '1' },
  ...{ LF_TRIGGER: '0', DENY_IP_LIMIT: '200', IGNORE_ALLOW: '0', CC_DENY: '', CLUSTER_SENDTO: '' },
};

export interface FirewallServer {
  readonly root: TestRoot;
  readonly ctx: OpenContext;
  /** Writes these lists; all others are there and empty. */
  lists(texts: CsfTexts, conf?: Readonly<Record<string, string>>): void;
  /** Writes lfd.log once and reads it: lines without the host and lfd's name, e.g. `Nov 22 13:00:00 TEXT`. */
  lfdLog(lines: readonly string[]): Promise<void>;
  /** Keeps an incident of an address, judged as `label` or not at all. */
  incident(client: string, fromMs: number, label?: VerdictLabel | null, denied?: number): void;
  /** Where an address stands with what is written now. */
  where(address: string): Promise<WhereNow>;
}

/** Makes one; the clock stands at `NOW`, in UTC+1. */
export function firewallServer(): FirewallServer {
  const root = makeServer();
  root.write('/etc/hostname', 'server.example.com\n');
  // The server's offset is seen in its access log.
  root.write(
    '/var/log/apache2/access_log',
    '192.0.2.99 - - [21/Nov/2026:03:00:00 +0100] "GET / HTTP/1.1" 200 5 "-" "-"\n',
  );
  const ctx = open({ root: root.dir, state: join(tempDir(), 'state'), now: NOW });
  const { store } = ctx;
  return {
    root,
    ctx,
    lists(texts, conf = {}) {
      const settings = Object.entries({ ...CONF, ...conf }).map(([name, value]) => `${name} = "${value}"`);
      for (const [name, path] of Object.entries(PATHS)) {
        const usual = name === 'conf' ? settings.join('\n') : '';
        root.write(path, filled(texts[name as keyof typeof PATHS] ?? usual));
      }
    },
    async lfdLog(lines) {
      const text = lines.map((line) => `${line.slice(0, 15)} server lfd[1]: ${line.slice(16)}\n`).join('');
      // lfd writes no year: the file's own time tells it.
      root.write('/var/log/lfd.log', text, Date.now() - NOW_MS);
      await refresh(ctx);
    },
    incident(client, from, label = null, denied = 10) {
      const shape = { client, from, to: from + 1000, requests: denied, denied, vhosts: [], ruleIds: [] };
      store.write(() => {
        store.incidents.replace(client, from, [shape], from);
        if (label === null) return;
        const verdict = {
          label,
          sub: null,
          logOdds: 0,
          words: `Judged ${label}. Leave the block in place.`,
          groups: [],
          wouldDecide: null,
        };
        store.incidents.judge(client, from, {
          ...{ what: '', verdict, evidence: [], context: null, stamp: 's', actors: [], rests: null },
        });
      });
    },
    where: (address) => whereNow(ctx, address),
  };
}

/** A list that is shorter than it was is read twice: all have one length. */
function filled(text: string): string {
  const whole = text === '' || text.endsWith('\n') ? text : `${text}\n`;
  return `${whole}${'#'.repeat(Math.max(1, 8000 - whole.length))}\n`;
}

/** lfd's comment of a block for ModSecurity. */
export function modsec(address: string): string {
  return `lfd: (mod_security) mod_security (id:949110) triggered by ${address} (US/United States/-): 5 in the last 3600 secs - Sun Nov 22 13:04:08 2026`;
}
