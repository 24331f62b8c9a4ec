// The settings of csf.conf that govern blocks, each in words: what it does here, and what it is often taken for.
import type { CsfSetting } from './firewall-view.ts';
import { settingWords } from './setting-words.ts';

/** In the order in which they are told: what blocks, for how long, whom, and who hears of it. */
const NAMES: readonly string[] = [
  'LF_DAEMON',
  'TESTING',
  'LF_MODSEC',
  'LF_MODSEC_PERM',
  'LF_TRIGGER',
  'LF_INTERVAL',
  'LF_SELECT',
  'LF_BLOCKINONLY',
  'LF_PERMBLOCK',
  'LF_NETBLOCK',
  'LF_REPEATBLOCK',
  'DENY_IP_LIMIT',
  'DENY_TEMP_IP_LIMIT',
  'IGNORE_ALLOW',
  'CC_DENY',
  'IPV6',
  'CF_ENABLE',
  'CLUSTER_SENDTO',
  'BLOCK_REPORT',
  'LF_EMAIL_ALERT',
];
/** Details of a setting that is switched on. */
const DETAILS: ReadonlyMap<string, readonly string[]> = new Map([
  ['LF_PERMBLOCK', ['LF_PERMBLOCK_COUNT', 'LF_PERMBLOCK_INTERVAL']],
  ['LF_NETBLOCK', ['LF_NETBLOCK_COUNT', 'LF_NETBLOCK_INTERVAL', 'LF_NETBLOCK_CLASS']],
]);

/** Those of a csf.conf; settings that it does not have are left out. */
export function csfSettings(conf: ReadonlyMap<string, string>): CsfSetting[] {
  const names = NAMES.flatMap((name) =>
    Number(conf.get(name) ?? 0) === 0 ? [name] : [name, ...(DETAILS.get(name) ?? [])],
  );
  return names.flatMap((name) => {
    const value = conf.get(name);
    return value === undefined ? [] : [{ name, value, ...settingWords(name, value, conf) }];
  });
}
