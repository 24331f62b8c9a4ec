// Files that ConfigServer ModSecurity Control (CMC) left behind: userdata/{std,ssl}/2_4/…/modsec.conf and the global
// conf.d/modsec2.whitelist.conf. Format: what CMC 2 to 4 write (cgi/configserver/cmc.cgi), by version:
//
//   # Do not modify this file directly as it will be overwritten by cmc        (from 2.10)
//   <IfModule mod_security2.c>                                                   (missing in old ones)
//   SecRuleEngine Off                                                            (when switched off)
//   <DirectoryMatch 'REGEX'> SecRuleEngine Off | SecRuleRemoveById N </…>        (global file)
//   SecRuleRemoveById N                                                          (from 2.10)
//   <LocationMatch .*> SecRuleRemoveById N </LocationMatch>                      (the same again; before 2.10 only this)
//   </IfModule>
//
// Some versions put `# Start cmc block` and `# End cmc block` around it; the first start writes one comment line.
import type { Directive, Section } from './apache-directives.ts';
import { directives } from './apache-directives.ts';

/** What of a file is CMC's. */
export interface CmcFile {
  /** First lines of the directives that CMC wrote. */
  readonly own: ReadonlySet<number>;
  /** True when the file holds directives that CMC would not have written. */
  readonly mixed: boolean;
}

const HEAD =
  /^#[ \t]*(?:Do not modify this file directly as it will be overwritten by cmc|ConfigServer ModSecurity whitelist file)/im;
const START = /^#[ \t]*Start cmc block/i;
const END = /^#[ \t]*End cmc block/i;
const GLOBAL_NAME = 'modsec2.whitelist.conf';
const NAMES: ReadonlySet<string> = new Set(['modsec.conf', GLOBAL_NAME]);

/**
 * Tells CMC's directives from others in one file (latin1); null when the file is not CMC's: it has neither CMC's head
 * or marks, nor both its name and nothing but directives of CMC's form. With marks only what stands between them is
 * CMC's. Never throws; linear in the text.
 */
export function parseCmcFile(text: string, name: string): CmcFile | null {
  const marks = markedLines(text);
  if (marks === null && !NAMES.has(name) && !HEAD.test(text)) return null;
  const own = new Set<number>();
  let mixed = false;
  for (const directive of directives(text)) {
    const marked = marks === null || marks.has(directive.firstLine);
    if (marked && isOfCmc(directive, name === GLOBAL_NAME)) own.add(directive.firstLine);
    else mixed = true;
  }
  if (marks === null && !HEAD.test(text) && (mixed || own.size === 0)) return null;
  return { own, mixed };
}

/** Numbers of the lines between the marks; null without marks. */
function markedLines(text: string): ReadonlySet<number> | null {
  if (!/cmc block/i.test(text)) return null;
  const lines = new Set<number>();
  let inside = false;
  let seen = false;
  for (const [index, line] of text.split('\n').entries()) {
    if (START.test(line)) {
      inside = true;
      seen = true;
    } else if (END.test(line)) inside = false;
    else if (inside) lines.add(index + 1);
  }
  return seen ? lines : null;
}

function isOfCmc({ name, words, sections, line, firstLine }: Directive, isGlobal: boolean): boolean {
  const [word = ''] = words;
  if (words.length !== 1 || line !== firstLine) return false;
  const places = sections.filter((section) => !isGuard(section));
  if (places.length > 1) return false;
  const [place] = places;
  const inFolder = place !== undefined && /^DirectoryMatch$/i.test(place.name) && isGlobal;
  if (/^SecRuleRemoveById$/i.test(name))
    return /^\d{1,18}$/.test(word) && (place === undefined || inFolder || isAll(place));
  return /^SecRuleEngine$/i.test(name) && /^Off$/i.test(word) && (place === undefined || inFolder);
}

function isGuard({ name, argument }: Section): boolean {
  return /^IfModule$/i.test(name) && /^(?:mod_security2\.c|security2_module)$/i.test(argument);
}

function isAll({ name, argument }: Section): boolean {
  return /^LocationMatch$/i.test(name) && argument === '.*';
}
