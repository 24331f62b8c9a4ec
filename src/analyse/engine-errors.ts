// Failures of the engine itself: what kind one is, which limit would have to be raised, and its text without what varies.
// Messages of ModSecurity 2.9: apache2/modsecurity.c, msc_reqbody.c, re_operators.c; codes of PCRE 1 and 2: pcre.h, pcre2.h.
import type { EngineError } from '../model.ts';

/** One failure of one request, as one line or the hit of one of ModSecurity's own rules tells it. */
export interface EngineFailure {
  readonly kind: EngineError['kind'];
  /** Without digits and quoted values, at most 160 characters. */
  readonly text: string;
  /** The directive that sets the limit; null where no limit was reached. */
  readonly directive: string | null;
  /** The limit as the message names it; null when it does not. */
  readonly value: string | null;
  readonly words: string;
}

/** ModSecurity's own rules on requests that it could not read (modsecurity.conf-recommended). */
const ENGINE_RULE = /^20000[2-7]$/;
const LONGEST = 160;

/** Whether a rule only tells that the engine failed: 200002 to 200007. */
export function isEngineRule(ruleId: string): boolean {
  return ENGINE_RULE.test(ruleId);
}

interface Limit {
  readonly message: RegExp;
  readonly directive: string;
}

// The first that fits counts.
const LIMITS: readonly Limit[] = [
  { message: /PCRE limits exceeded \((?:-21|-53)\)/i, directive: 'SecPcreMatchLimitRecursion' },
  { message: /PCRE limits/i, directive: 'SecPcreMatchLimit' },
  { message: /no files data length is larger/i, directive: 'SecRequestBodyNoFilesLimit' },
  { message: /response body too large|response body.{0,40}limit/i, directive: 'SecResponseBodyLimit' },
  { message: /upload file limit/i, directive: 'SecUploadFileLimit' },
  { message: /depth limit/i, directive: 'SecRequestBodyJsonDepthLimit' },
  { message: /argument(?:s)? (?:count|limit)|large argument count/i, directive: 'SecArgumentsLimit' },
  { message: /request body.{0,60}(?:configured|over) limit/i, directive: 'SecRequestBodyLimit' },
];

const PCRE = 'SecPcre';
const OF_RULES: Readonly<
  Record<string, { readonly kind: EngineError['kind']; readonly directive: string | null }>
> = {
  '200005': { kind: 'limit', directive: 'SecPcreMatchLimit' },
  '200007': { kind: 'limit', directive: 'SecArgumentsLimit' },
};

/** Reads a failure's text. Total: any text gives something; an unknown one has no limit. */
export function readFailure(error: Pick<EngineError, 'kind' | 'text'>): EngineFailure {
  const limit = LIMITS.find(({ message }) => message.test(error.text.slice(0, 700)));
  const directive = limit?.directive ?? null;
  const kind = directive === null || error.kind === 'execution' ? error.kind : 'limit';
  const value = directive === null || directive.startsWith(PCRE) ? null : limitIn(error.text);
  return { kind, text: plainText(error.text), directive, value, words: wordsOf(kind, directive) };
}

/** The failure that a hit of rules 200002 to 200007 tells of; null for other rules. */
export function failureOfRule(ruleId: string, message: string | null): EngineFailure | null {
  if (!isEngineRule(ruleId)) return null;
  const { kind, directive } = OF_RULES[ruleId] ?? { kind: 'parser' as const, directive: null };
  const text = plainText(message ?? 'A request could not be read.');
  return { kind, text, directive, value: null, words: wordsOf(kind, directive) };
}

function limitIn(text: string): string | null {
  return /\((?:over limit of )?(\d{1,12})\b/.exec(text.slice(0, 700))?.[1] ?? null;
}

/** What varies from request to request is left out, so that equal failures are one row. */
function plainText(text: string): string {
  return text
    .slice(0, 700)
    .replace(/^Rule [\da-f]{1,32} (?=\[id )/, 'Rule ')
    .replace(/\[file "[^"]{0,500}"\]\s?|\[line "\d{1,9}"\]\s?/g, '')
    .replace(/\[id "(\d{1,12})-?"\]\s?/g, '$1 ')
    .replace(/"[^"]{0,500}"/g, '"…"')
    .replace(/(?<!Rule |[\d])\d+/g, '{n}')
    .replace(/[\s\u0000-\u001f\u007f-\u009f]+/g, ' ')
    .replace(/ {2,}/g, ' ')
    .trim()
    .slice(0, LONGEST);
}

function wordsOf(kind: EngineError['kind'], directive: string | null): string {
  if (directive !== null)
    return LIMIT_WORDS[directive] ?? 'A limit of ModSecurity was reached. This is no attack.';
  return KIND_WORDS[kind];
}

const LIMIT_WORDS: Readonly<Record<string, string>> = {
  SecPcreMatchLimit:
    'An expression gave up on a long value, so its rule did not look at all of it. This is no attack; a higher limit lets the rule finish.',
  SecPcreMatchLimitRecursion:
    'An expression gave up on a deeply nested value, so its rule did not look at all of it. This is no attack; a higher limit lets the rule finish.',
  SecRequestBodyNoFilesLimit:
    'A form or a program sent more than ModSecurity takes without files, and was answered 413. This is no attack; a higher limit lets it through.',
  SecRequestBodyLimit:
    'An upload was larger than ModSecurity takes, and was answered 413. This is no attack; a higher limit lets it through.',
  SecResponseBodyLimit:
    'An answer of the site was larger than ModSecurity looks at. This is no attack; a higher limit lets it look at all.',
  SecUploadFileLimit:
    'A form sent more files than ModSecurity takes. This is no attack; a higher limit lets them through.',
  SecRequestBodyJsonDepthLimit:
    'JSON was nested deeper than ModSecurity reads. A higher limit lets it through, and costs memory.',
  SecArgumentsLimit:
    'A form sent more fields than ModSecurity reads. A higher limit lets it through, and costs time.',
};

const KIND_WORDS: Readonly<Record<EngineError['kind'], string>> = {
  parser:
    'ModSecurity could not read the body: it was sent broken, cut short, or as something else than its Content-Type says. No limit would help.',
  limit: 'A limit of ModSecurity was reached. This is no attack.',
  execution: 'A rule could not be run, so it looked at nothing.',
  internal: 'Something went wrong inside ModSecurity or while the request was read, e.g. the client hung up.',
};
