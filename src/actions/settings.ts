// csf.conf values behind a block, each with what it means.
import type { BlockView } from './explanation.ts';
import type { Firewall } from './firewall.ts';
import { settingWords } from './setting-words.ts';
import { triggerInfo } from './triggers.ts';

/** The settings that decide about a trigger, as csf.conf has them; without the file an empty list. */
export function settingsOf(trigger: string | null, { conf }: Pick<Firewall, 'conf'>): BlockView['settings'] {
  const info = triggerInfo(trigger);
  if (info === null) return [];
  return info.settings.flatMap((name) => {
    const value = conf.get(name);
    if (value === undefined) return [];
    const { meaning, misreading } = settingWords(name, value, conf);
    return [{ name, value, meaning, misreading }];
  });
}
