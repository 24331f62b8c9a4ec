// Placeholders of the same shape for what a visitor sent: signs and public words stay, everything of his own goes.
import { MASK } from '../analyse/secrets.ts';

/**
 * Words that say nothing of a person or a site, and that rules react to: of HTML and scripts, of SQL, of shells, PHP,
 * Java and file systems.
 */
const PUBLIC_WORDS: ReadonlySet<string> = new Set(
  (
    'a abbr action alert allow allowfullscreen frameborder xss alt angular applet article aside audio autofocus b background base body br button canvas caption center class code ' +
    'col colgroup color content cookie data decodeuri div dl doctype document dt em embed encoding eval expression fieldset figure ' +
    'figcaption font footer form frame frameset function h1 h2 h3 h4 h5 h6 head header height href html http https i id iframe img input ' +
    'javascript label left legend li link location main math meta nav noscript object ol onblur onchange onclick onerror onfocus onload ' +
    'onmouseover onsubmit option p param picture placeholder pre rel right script section select source span src srcdoc srcset ' +
    'strong style sub sup svg table target tbody td template text textarea tfoot th thead title tr track type u ul url utf value var video ' +
    'width window xlink xml xmlns and or not as asc benchmark between by case cast char collate concat convert count create cross database ' +
    'declare delete desc distinct drop else end exec execute exists from full group having if in information_schema inner insert into is ' +
    'isnull join like limit match max min mod null offset on order outer procedure regexp replace rlike schema set sleep sum ' +
    'then top truncate union update user using values when where xor bash bin boot cat cd chmod chown cmd cp curl cut dev echo ' +
    'env etc exe find gcc grep head home host id kill less ln ls mail make man more mv nc net nice nslookup passwd perl php ping ' +
    'powershell ps pwd python rm root ruby sed sh sort ssh sudo system tail tar tee test time touch tmp tr uname usr var vi vim wget who ' +
    'whoami xargs array assert base64 bool break class echo else false file finally foreach get global include input isset java lang new ' +
    'output phpinfo print private public require return runtime self static stdin string stream switch this throw true try void while'
  ).split(' '),
);

/** Parts of addresses that programs, not people, have named. */
const PATH_WORDS: ReadonlySet<string> = new Set(
  (
    'account add admin administrator ajax api apps assets auth author autosave backend bin blog cart catalog category cgi checkout ' +
    'comment comments component contact content core css customer cron dashboard data delete dist doku edit editor en export feed file ' +
    'files forum front home htaccess html id images img import includes index info install item js json lib list login logout ' +
    'main media member menu message module modules new news node node_modules option order page pages password payment php plugin ' +
    'plugins post posts preview product products profile public register remote reset resources rest rpc save script scripts search ' +
    'service session settings setup shop site sitemap sites static status store storage style submit support system task templates test theme ' +
    'themes thread topic update upload uploads user users v1 v2 v3 vendor view webdav wiki wp xml xmlrpc ' +
    'htm asp aspx jsp cgi txt pdf jpg jpeg png gif svg webp ico woff woff2 mp4 zip gz tar bak sql env git svn config credentials'
  ).split(' '),
);

const WORD = /[\p{L}\p{M}]+\d{0,2}|\p{N}+|[^\p{L}\p{M}\p{N}]+/gu;
const LONGEST = 400;
/** What ModSecurity writes for bytes it does not print. */
const ESCAPE = /\\x([0-9a-f]{2})/gi;

/**
 * The shape of a value: words of a fixed list and all signs stay; other letters become x and X, digits 0. Controls become
 * blanks, except line feeds. At most 400 characters, then an ellipsis. A masked part stays masked.
 */
export function shapeOfValue(value: string): string {
  const whole = value
    .slice(0, LONGEST * 4)
    .replace(ESCAPE, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)))
    .toWellFormed();
  const shaped = whole.replace(WORD, (part) => (isKept(part, PUBLIC_WORDS) ? part : placeholder(part)));
  const chars = Array.from(shaped.replace(/[^\P{C}\n]|[\p{Zl}\p{Zp}\ufffd]/gu, ' '));
  return chars.length > LONGEST ? `${chars.slice(0, LONGEST - 1).join('')}…` : chars.join('');
}

/** The same for a path: parts that applications name stay. */
export function shapeOfPath(path: string): string {
  return path
    .slice(0, LONGEST)
    .toWellFormed()
    .replace(WORD, (part) => (isKept(part, PATH_WORDS) ? part : placeholder(part)))
    .replace(/[^\x21-\x7e•]/g, 'x');
}

/** The same for a name of a field, cookie or header: it stays when it reads like one of a program. */
export function shapeOfName(name: string): string {
  return /^[\w.\-[\]:$]{1,60}$/.test(name) ? name : shapeOfValue(name).replaceAll('\n', ' ').slice(0, 60);
}

function isKept(part: string, words: ReadonlySet<string>): boolean {
  return part === MASK || words.has(part.toLowerCase());
}

function placeholder(part: string): string {
  return part
    .replace(/\p{Lu}/gu, 'X')
    .replace(/(?!X)[\p{L}\p{M}]/gu, 'x')
    .replace(/\p{N}/gu, '0');
}
