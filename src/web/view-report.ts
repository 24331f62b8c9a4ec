// The page of a report: each form of it in a box to copy, whose site it is for, and what it leaves out.
import { plainOf } from '../actions/report-value.ts';
import { type ReportFormat, reportText } from '../actions/report-text.ts';
import type { Report, ReportAnswer, ReportRequest } from '../actions/report-view.ts';
import { explainLink, incidentLink, reportLink } from './links.ts';
import { counted } from './view-text.ts';
import { dayTime } from './view-time.ts';

interface CopyBox {
  readonly id: string;
  readonly name: string;
  readonly about: string;
  readonly text: string;
}

interface SiteChoice {
  /** Hidden fields of the form. */
  readonly fields: readonly { readonly name: string; readonly value: string }[];
  readonly sites: readonly { readonly value: string; readonly text: string; readonly selected: boolean }[];
  readonly label: string;
}

/** What views/report.ejs needs. */
export interface ReportPage {
  readonly title: string;
  readonly back: { readonly href: string; readonly text: string };
  readonly headline: string;
  readonly lead: string;
  readonly tabs: readonly { readonly href: string; readonly name: string; readonly current: boolean }[];
  /** Whose site it is for; null where there is nothing to choose. */
  readonly choice: SiteChoice | null;
  readonly address: { readonly href: string; readonly text: string } | null;
  /** Why there is no report; null when there is one. */
  readonly why: string | null;
  readonly masked: string | null;
  /** The first one is open, the others are folded. */
  readonly boxes: readonly CopyBox[];
}

const FORMATS: readonly (readonly [format: ReportFormat, name: string, about: string])[] = [
  ['plain', 'Plain text', 'for a mail, wrapped at 72 characters'],
  ['markdown', 'Markdown', 'for ticket systems that read it'],
  ['html', 'HTML', 'a piece of a page, for the source view of an editor'],
];

function choiceOf(
  { touched, from }: ReportAnswer,
  request: ReportRequest,
  chosen: string | null,
): SiteChoice | null {
  if (touched.length < 2) return null;
  const fields = [
    ['p', '/report'],
    ['ip', request.address],
    ['from', from ?? ''],
    ['crs', request.kind === 'crs' ? '1' : ''],
    ['hide', request.hideAddress ? '1' : ''],
  ] as const;
  return {
    fields: fields.filter(([, value]) => value !== '').map(([name, value]) => ({ name, value })),
    sites: touched.map(({ vhost, account, requests }) => ({
      value: vhost,
      text: `${vhost}, ${account ?? 'no account'}: ${counted(requests, 'request')}`,
      selected: vhost === chosen,
    })),
    label: request.kind === 'crs' ? 'With the requests to' : 'For the owner of',
  };
}

/** Only the text of an issue is Markdown: that form comes first there. */
function boxesOf(report: Report): CopyBox[] {
  const own = report.kind === 'crs' ? FORMATS.filter(([format]) => format !== 'html').toReversed() : FORMATS;
  return own.map(([format, name, about]) => ({
    ...{ id: `wb-${format}`, name },
    about: report.kind === 'crs' && format === 'markdown' ? 'for the issue form' : about,
    text: reportText(report, format).trimEnd(),
  }));
}

function maskedWords({ masked }: Report): string | null {
  if (masked === 0) return null;
  return `${counted(masked, 'text')} of it looked like a secret or like somebody else’s, and ${masked === 1 ? 'is' : 'are'} masked (••••).`;
}

function leadOf(answer: ReportAnswer, { kind }: ReportRequest): string {
  switch (answer.state) {
    case 'choose':
      return `The requests went to ${counted(answer.touched.length, 'site')} of several accounts. Each owner gets a report about his own requests, without a word about the others.`;
    case 'made':
      return kind === 'crs'
        ? 'As the CRS project asks for it in its issues. Nothing is sent: read it, add what it says is missing, and file it by hand.'
        : 'Written for the owner of the site, without secrets and without other sites. Read it before you send it.';
    default:
      return '';
  }
}

function headlineOf(answer: ReportAnswer): string {
  if (answer.state === 'made') return plainOf(answer.report.title);
  return answer.state === 'choose' ? 'Whose report is it?' : 'There is no report';
}

/** Puts the page together. */
export function reportPage(answer: ReportAnswer, request: ReportRequest): ReportPage {
  const { address, kind, hideAddress, vhost } = request;
  const { from } = answer;
  const report = answer.state === 'made' ? answer.report : null;
  const link = (change: Partial<ReportRequest>): string => reportLink({ ...request, from, ...change });
  const headline = headlineOf(answer);
  return {
    title: headline,
    back: {
      href: from === null ? explainLink(address) : incidentLink(address, from),
      text: from === null ? `Address ${address}` : `Incident ${address}, ${dayTime(from)}`,
    },
    headline,
    lead: leadOf(answer, request),
    tabs: [
      { href: link({ kind: 'customer' }), name: 'For the customer', current: kind === 'customer' },
      { href: link({ kind: 'crs' }), name: 'For the CRS project', current: kind === 'crs' },
    ],
    choice: choiceOf(answer, request, report?.vhost ?? vhost),
    address:
      report === null || kind === 'crs'
        ? null
        : {
            href: link({ hideAddress: !hideAddress }),
            text: hideAddress ? 'Show the whole address' : 'Shorten the address to its net',
          },
    why: 'why' in answer ? answer.why : null,
    masked: report === null ? null : maskedWords(report),
    boxes: report === null ? [] : boxesOf(report),
  };
}
