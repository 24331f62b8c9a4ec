// Which variable a ModSecurity message names: in the operator's text, else in the data text.
import { isEscaped, unescapeLevel } from './modsec-escape.ts';

const VARIABLE = /^[A-Z][A-Z_0-9]{1,39}(?::|$)/;
const FOUND_IN = /^Found \d{1,9} byte\(s\) in (.*?) outside range: /s;
const AT = / at ([A-Z][A-Z_0-9]{1,39}(?::|\.|$).*)$/s;
const OFFSET = /\. \[offset "\d{1,9}"\]$/;
/** How the operator's text of libmodsecurity begins where an operator is named. */
export const V3_OPERATOR = 'Matched "Operator `';
const V3_AGAINST = "' against variable `";
const V3_VALUE = "' (Value: `";
const WITHIN = /(?:^| )(?:found )?within ([A-Z][A-Z_0-9]{1,39}(?::(?! )(?:(?!: ).)*)?)(?:: |$)/s;

function variable(text: string): string | null {
  const whole = text.length <= 2100 ? text.replace(OFFSET, '.') : text;
  const name = whole.endsWith('.') ? whole.slice(0, -1) : whole;
  return name.length <= 2000 && VARIABLE.test(name) ? name : null;
}

/** The index behind the quoted text that the operator's words begin with; 0 when they hold none. */
function behindQuoted(text: string): number {
  const first = text.indexOf('"');
  if (first < 0 || first > 40) return 0;
  let quote = text.indexOf('"', first + 1);
  while (quote >= 0 && isEscaped(text, quote, first + 1)) quote = text.indexOf('"', quote + 1);
  return quote < 0 ? 0 : quote + 1;
}

function fromOperator(operator: string): string | null {
  const found = FOUND_IN.exec(operator.slice(0, 2000));
  if (found?.[1] !== undefined) return variable(found[1]);
  const from = operator.startsWith('detected ') ? -1 : behindQuoted(operator);
  if (from < 0) return null;
  const against = operator.startsWith('Match of ') && operator.startsWith(' against "', from);
  if (against) {
    const end = operator.lastIndexOf('" required.');
    return end < 0 ? null : variable(operator.slice(from + ' against "'.length, end));
  }
  const at = AT.exec(operator.slice(from, from + 2200))?.[1];
  return at === undefined ? null : variable(at);
}

/**
 * libmodsecurity's `… against variable `ARGS:id' (Value: `1 or 1=1' )`. Null where the visitor wrote these marks once
 * more, so that the name's end cannot be told.
 */
function fromV3(operator: string): string | null {
  const against = operator.indexOf(V3_AGAINST, V3_OPERATOR.length);
  const start = against + V3_AGAINST.length;
  const end = operator.indexOf(V3_VALUE, start);
  if (against < 0 || end < 0 || operator.includes(V3_VALUE, end + 1)) return null;
  return variable(operator.slice(start, end));
}

/**
 * The variable that matched, e.g. `ARGS:id` or `REQUEST_URI`, out of the operator's text (`… at ARGS:id.`,
 * `Found 1 byte(s) in ARGS:id outside range`, `Match of "…" against "REQUEST_METHOD" required.`) or, where that
 * names none, out of the data (`Matched Data: … found within ARGS:id: …`). One level of escapes stays in, that of
 * the name itself; null without one. A name that holds `: ` cannot be told from its value in the data.
 */
export function targetOf(operator: string, data: string | null): string | null {
  const named = operator.startsWith(V3_OPERATOR) ? fromV3(operator) : fromOperator(operator);
  if (named !== null || data === null) return named;
  const within = WITHIN.exec(unescapeLevel(data.slice(0, 4000)));
  return within?.[1] === undefined ? null : variable(within[1]);
}
