// All hostile texts, with a rule that reacts to each kind.
import * as further from './further.ts';
import * as script from './script.ts';
import * as sql from './sql.ts';
import * as system from './system.ts';

interface HostileTexts {
  readonly rule: string;
  readonly texts: readonly string[];
}

export const HOSTILE: Readonly<Record<string, HostileTexts>> = {
  boolean: { rule: '942100', texts: sql.BOOLEAN },
  union: { rule: '942190', texts: sql.UNION },
  blind: { rule: '942160', texts: sql.BLIND },
  stacked: { rule: '942350', texts: sql.STACKED },
  closing: { rule: '942100', texts: sql.CLOSING },
  'SQL in disguise': { rule: '942100', texts: sql.DISGUISED },
  elements: { rule: '941110', texts: script.ELEMENTS },
  handlers: { rule: '941160', texts: script.HANDLERS },
  addresses: { rule: '941170', texts: script.ADDRESSES },
  breakouts: { rule: '941100', texts: script.BREAKOUTS },
  templates: { rule: '941380', texts: script.TEMPLATES },
  'scripts in disguise': { rule: '941100', texts: script.DISGUISED },
  files: { rule: '930120', texts: system.FILES },
  wrappers: { rule: '933140', texts: system.WRAPPERS },
  commands: { rule: '932160', texts: system.COMMANDS },
  php: { rule: '933100', texts: system.PHP },
  java: { rule: '944150', texts: system.JAVA },
  'further SQL': { rule: '942100', texts: further.FURTHER_SQL },
  'further code': { rule: '932160', texts: further.FURTHER_CODE },
  exploits: { rule: '933210', texts: system.EXPLOITS },
};

export { UNEXPLAINED } from './further.ts';
