// Takes out of a report what names the server, its people and their sites, so that it can be sent to somebody else.
import { normalizeAddress } from '../parse/address.ts';
import type { Check, DoctorReport, SourceReport } from './doctor-view.ts';

/** What is known to name somebody, beside what has the form of an address or a domain. */
export interface KnownNames {
  readonly hosts: readonly string[];
  readonly accounts: readonly string[];
}

const MAIL = /[\w.+-]{1,64}@[\w.-]{1,253}/g;
const ADDRESS =
  /(?<![\w.:])(?:\d{1,3}(?:\.\d{1,3}){3}|[\da-f]{0,4}(?::[\da-f]{0,4}){2,7}(?:\d{1,3}(?:\.\d{1,3}){3})?)(?![\w:])/gi;
const DOMAIN = /(?<![\w-])(?:[a-z\d_](?:[a-z\d-]{0,62})\.)+(?:xn--[a-z\d-]{2,59}|[a-z]{2,63})(?![a-z\d])/gi;
const WORD = /[A-Za-z\d_.-]+/g;
const HOME = /(\/home\d{0,3}\/)([^\s/;,]{1,64})/g;
/** Ends of our own and the server's file names, none of them a top-level domain that people use for sites. */
const FILE_END =
  /\.(?:log|conf|deny|allow|ignore|cgi|css|png|tmpl|service|sock|txt|gz|sqlite|db|pid|disable|error|tempban|json|version|ts)$/i;
/** Everybody’s: these name no one. */
const PUBLIC = new Set([
  'root',
  'nobody',
  'apache',
  'localhost',
  'localhost.localdomain',
  'install.sh',
  'uninstall.sh',
]);
const LOOPBACK = new Set(['127.0.0.1', '::1', '0.0.0.0', '::']);

/**
 * Makes a function that replaces names by `host-1`, `account-2`, `address-3` …, the same name always by the same text.
 * Known host names and accounts go wherever they stand as a word; addresses, domains and mail addresses by their form.
 */
export function redactor({ hosts, accounts }: KnownNames): (text: string) => string {
  const given = new Map<string, string>();
  const counts = new Map<string, number>();
  const named = (kind: string, name: string): string => {
    const key = `${kind} ${name.toLowerCase()}`;
    const known = given.get(key);
    if (known !== undefined) return known;
    const number = (counts.get(kind) ?? 0) + 1;
    counts.set(kind, number);
    const text = `${kind}-${number}`;
    given.set(key, text);
    return text;
  };
  const kinds = new Map<string, string>();
  for (const name of accounts) if (!PUBLIC.has(name.toLowerCase())) kinds.set(name.toLowerCase(), 'account');
  for (const name of hosts) if (!PUBLIC.has(name.toLowerCase())) kinds.set(name.toLowerCase(), 'host');
  const word = (text: string): string => {
    const bare = text.replace(/[.-]+$/, '');
    const kind = kinds.get(bare.toLowerCase());
    return kind === undefined ? text : named(kind, bare) + text.slice(bare.length);
  };
  const address = (text: string): string =>
    normalizeAddress(text) === null || LOOPBACK.has(text) ? text : named('address', text);
  const domain = (text: string): string => {
    const kind = kinds.get(text.toLowerCase());
    if (kind !== undefined) return named(kind, text);
    return FILE_END.test(text) || PUBLIC.has(text.toLowerCase()) ? text : named('host', text);
  };
  return (text) =>
    text
      .replace(MAIL, (mail) => named('mail', mail))
      .replace(HOME, (_, folder: string, name: string) => `${folder}${named('account', name)}`)
      .replace(DOMAIN, domain)
      .replace(WORD, word)
      .replace(ADDRESS, address);
}

/** A report without names; the shape stays. */
export function redactReport(report: DoctorReport, known: KnownNames): DoctorReport {
  const clean = redactor(known);
  return {
    ...report,
    server: {
      ...report.server,
      hostname: report.server.hostname === null ? null : clean(report.server.hostname),
    },
    checks: report.checks.map((check): Check => ({ ...check, ...redactedWords(check, clean) })),
    sources: report.sources.map((source): SourceReport => ({
      ...source,
      ...redactedWords(source, clean),
      files: source.files.map((file) => ({ ...file, path: clean(file.path) })),
      samples: source.samples.map(shapeOf),
    })),
  };
}

function redactedWords(
  { title, found, means, mend }: Pick<Check, 'title' | 'found' | 'means' | 'mend'>,
  clean: (text: string) => string,
): Pick<Check, 'title' | 'found' | 'means' | 'mend'> {
  return {
    title: clean(title),
    found: clean(found),
    means: clean(means),
    mend: mend === null ? null : clean(mend),
  };
}

/** Words that the forms of logs are made of; they name nobody. */
const FORM_WORDS = new Set(
  'ModSecurity modsec MODSEC client pid tid error warn notice info id msg data severity file line rev tag ver uri hostname unique_id phase code Access denied with Warning Pattern match Operator at against variable lfd GET POST HEAD HTTP server request host referer transaction messages'.split(
    ' ',
  ),
);

/**
 * The shape of a line that was not understood: what a stranger wrote may name anybody, and nothing tells which of its words
 * do. Letters become x and digits 0, but for the words of the forms; the rest stays, for it shows how the line is built.
 */
export function shapeOf(line: string): string {
  return line
    .replace(/[\p{L}\p{M}_]+/gu, (word) =>
      FORM_WORDS.has(word) ? word : 'x'.repeat(Math.min(word.length, 12)),
    )
    .replace(/\p{N}/gu, '0');
}
