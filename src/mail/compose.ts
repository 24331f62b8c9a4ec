// Makes a mail of a letter: head, plain text and HTML, by the library's composer. Nothing of it is loaded from anywhere.
import MailComposer from 'nodemailer/lib/mail-composer';
import type {
  BlockLetter,
  LetterHead,
  SummaryLetter,
  TrialLetter,
  WrittenMail,
  Writer,
} from '../actions/mail-letter.ts';
import { blockSheet } from './block-sheet.ts';
import { cleanText } from './clean.ts';
import { mailDate } from './mail-date.ts';
import type { Sheet } from './sheet.ts';
import { sheetHtml } from './sheet-html.ts';
import { sheetText } from './sheet-text.ts';
import { summarySheet, summaryTitle } from './summary-sheet.ts';
import { trialSheet } from './trial-sheet.ts';

const MOST_SUBJECT = 150;

/** Writes letters as mails. */
export const writer: Writer = {
  block: (letter) => {
    const sheet = blockSheet(letter);
    return made(letter.head, blockSubject(letter, sheet), sheet, letter.thread);
  },
  summary: (letter) => made(letter.head, summarySubject(letter), summarySheet(letter), 'summaries'),
  trial: (letter) => made(letter.head, trialSubject(letter), trialSheet(letter), null),
};

/** One line that is safe in a head: no bytes that act, nothing that looks like an encoded word. */
function subjectText(text: string): string {
  return cleanText(text.replaceAll('=?', '= ?'), MOST_SUBJECT);
}

function blockSubject({ notice, explanation, head }: BlockLetter, { badge }: Sheet): string {
  const site = explanation?.incident?.vhosts.find(({ account }) => account !== null)?.name;
  const where = site === undefined ? '' : `, ${site}`;
  return subjectText(`${badge}: ${notice.address ?? 'an address'} blocked on ${head.host}${where}`);
}

function summarySubject(letter: SummaryLetter): string {
  return subjectText(`${letter.head.host}: ${summaryTitle(letter).replace(/\.$/, '')}`);
}

function trialSubject({ head }: TrialLetter): string {
  return subjectText(`${head.host}: trial mail of Whyblocked`);
}

async function made(
  head: LetterHead,
  subject: string,
  sheet: Sheet,
  thread: string | null,
): Promise<WrittenMail> {
  const id = (name: string): string => `<${idWord(name)}.${idWord(head.tag)}@${head.host}>`;
  const composer = new MailComposer({
    from: { name: 'Whyblocked', address: head.from },
    to: head.to.map((address) => ({ name: '', address })),
    subject,
    messageId: id(head.key),
    // The first of a thread does not exist as a mail; those that name it are shown together.
    ...(thread === null ? {} : { inReplyTo: id(thread), references: id(thread) }),
    headers: {
      Date: mailDate(head.at, head.offsetMinutes),
      'Auto-Submitted': 'auto-generated',
      'X-Auto-Response-Suppress': 'All',
    },
    text: { content: crLf(sheetText(sheet)), contentTransferEncoding: 'quoted-printable' },
    html: { content: crLf(sheetHtml(sheet)), contentTransferEncoding: 'quoted-printable' },
    // A boundary with a name of its own: the same letter gives the same bytes.
    baseBoundary: `${idWord(head.tag)}-${idWord(head.key)}`.slice(0, 40),
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return { subject, raw: await composer.compile().build() };
}

/** The library takes ids as they are. */
function idWord(text: string): string {
  return text.replace(/[^A-Za-z0-9-]+/g, '').slice(0, 60);
}

function crLf(text: string): string {
  return text.replaceAll('\n', '\r\n');
}
