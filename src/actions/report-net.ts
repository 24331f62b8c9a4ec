// The second net under a report: whatever in its finished texts still looks like a secret, somebody else's name or
// address is masked, wherever it came from.
import { MASK, maskSecrets } from '../analyse/secrets.ts';
import { normalizeAddress } from '../parse/address.ts';
import type { Report, ReportBlock, Span, Spans } from './report-view.ts';

/** What may stand in the report. */
export interface NetKnown {
  /** Addresses, normalised; nets in CIDR notation stay as they are. */
  readonly addresses: ReadonlySet<string>;
  /** Whether a host name (lower case) is of this server and not of the report's own vhost. */
  readonly isForeign: (host: string) => boolean;
  /** Labels of the vhost's own name, which may look like anything. */
  readonly labels: ReadonlySet<string>;
  /** The account of the report's own vhost. */
  readonly account: string | null;
}

const TOKEN = /[\w+=~-]{20,}/g;
const LONG_NUMBER = /(?<![\d.])\d{12,}(?![\d.])/g;
const HEX = /^[\da-f]{24,}$/i;
const TURN = /[A-Za-z]\d|\d[A-Za-z]|[a-z][A-Z]/g;
/** From so many changes between letters, digits and case on, a long word is nobody's word. */
const TURNS = 4;
const MAIL = /[\w.+-]{1,64}(?:@|%(?:25){0,2}40)(?=[\w-]{1,63}\.)[\w.-]{1,253}/g;
const IPV4 = /(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.])/g;
const IPV6 = /(?<![\w:.])[\da-f]{0,4}:[\da-f:]{1,39}(?:\.\d{1,3}){0,3}(?![\w:])/gi;
const HOST = /[\w-]{1,63}(?:\.[\w-]{1,63}){1,20}/g;
/** A folder of an account: `/~name/`, `/home/name/`. */
const FOLDER = /(\/~|\/home\d{0,2}\/)([\w.-]{1,32})/g;

/** Masks what must not stand in a report. Linear in the text; gives other texts back unchanged. */
export function netText(text: string, { addresses, isForeign, labels, account }: NetKnown): string {
  const isKnown = (found: string): boolean => {
    const address = normalizeAddress(found);
    return address === null || addresses.has(address);
  };
  return maskSecrets(text)
    .replace(MAIL, MASK)
    .replace(TOKEN, (word) => (isSecretWord(word) && !labels.has(word) ? MASK : word))
    .replace(LONG_NUMBER, MASK)
    .replace(IPV4, (found) => (isKnown(found) ? found : MASK))
    .replace(IPV6, (found) => (isKnown(found) ? found : MASK))
    .replace(HOST, (host) => (isForeign(host.toLowerCase()) ? MASK : host))
    .replace(FOLDER, (whole, before: string, name: string) =>
      name === account ? whole : `${before}${MASK}`,
    );
}

function isSecretWord(word: string): boolean {
  return HEX.test(word) || (word.match(TURN)?.length ?? 0) >= TURNS;
}

/** The report with all its texts through the net, and how many of them it changed. */
export function netted(report: Report, known: NetKnown): Report {
  let masked = 0;
  const text = (own: string): string => {
    const safe = netText(own, known);
    if (safe !== own) masked++;
    return safe;
  };
  const span = (one: Span): Span => (typeof one === 'string' ? text(one) : { value: text(one.value) });
  const spans = (all: Spans): Spans => all.map(span);
  const block = (one: ReportBlock): ReportBlock => {
    switch (one.kind) {
      case 'text':
      case 'task':
        return { kind: one.kind, spans: spans(one.spans) };
      case 'list':
        return { kind: 'list', items: one.items.map(spans) };
      case 'table':
        return { kind: 'table', head: one.head, rows: one.rows.map((row) => row.map(spans)) };
      default:
        // The net ends where a quoted word of a shell ends, so that its closing quote stays.
        return { kind: 'code', text: one.text.split("'").map(text).join("'") };
    }
  };
  const title = spans(report.title);
  const sections = report.sections.map(({ heading, blocks }) => ({ heading, blocks: blocks.map(block) }));
  return { ...report, title, sections, masked };
}
