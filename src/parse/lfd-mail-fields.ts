// The labelled lines of an lfd mail (`IP: …`, `Failures: …`), told apart by their values:
// admins translate the labels, change their order and leave some out.
import type { EpochMs, WallMs } from '../model.ts';
import { findAddress } from './lfd-message.ts';

/** One labelled line, with the lines it was wrapped onto. */
export interface Field {
  readonly label: string;
  readonly value: string;
}

/** A moment as the mail tells it. */
interface MailTime {
  readonly wallAt: WallMs;
  readonly at: EpochMs | null;
  readonly offsetMinutes: number | null;
}

/** What the values of the fields say; null where no field says it. */
export interface MailFields {
  readonly time: MailTime | null;
  readonly address: string | null;
  readonly account: string | null;
  readonly count: number | null;
  readonly apps: readonly string[];
  readonly intervalSeconds: number | null;
  readonly block: BlockField | null;
  /** Service of an X-ARF report. */
  readonly service: string | null;
  /** Source of an X-ARF report. */
  readonly isReport: boolean;
}

/** `Permanent Block [LF_MODSEC] (IP match in csf.allow, …)`. */
export interface BlockField {
  readonly trigger: string | null;
  readonly permanent: boolean;
  readonly seconds: number | null;
  readonly inAllow: boolean;
}

const MONTHS = 'JanFebMarAprMayJunJulAugSepOctNovDec';
const TAG = /\[\s{0,2}([A-Z][A-Z0-9]{1,15}(?:_[A-Z0-9]{1,20}){1,4})\s{0,2}\]/;
const APPS = /^(\d{1,9})\s{0,3}\(\s{0,2}([\w.,\- ]{1,200}?)\s{0,2}\)$/;
const MAIL_LABEL =
  /^(?:from|to|cc|bcc|reply-to|sent|date|von|an|gesendet|datum|de|para|enviado|od|komu|от|кому|дата|x-[\w-]+|received|message-id|subject|betreff|assunto|predmet|тема)$/i;
const TEMPORARY = /temp|zeit|vr?em|врем|dočas|provis/i;

/** Splits a text into groups of labelled lines; an empty line ends a group. */
export function readFieldGroups(text: string): readonly (readonly Field[])[] {
  const groups: Field[][] = [[]];
  for (const line of text.split('\n')) {
    if (line.trim() === '') {
      groups.push([]);
      continue;
    }
    const group = groups.at(-1);
    const field = readField(line);
    const last = group?.at(-1);
    if (field) group?.push(field);
    else if (group && last)
      group[group.length - 1] = { label: last.label, value: `${last.value} ${line.trim()}`.trim() };
    else group?.push({ label: '', value: line.trim() });
  }
  return groups.filter((group) => group.length > 0);
}

/** `Label:   value`; a tab may stand for the colon (tables). Null for a line without label. */
function readField(line: string): Field | null {
  const head = line.slice(0, 80);
  const at = head.search(/[::\t]/);
  if (at < 1) return null;
  const label = head
    .slice(0, at)
    .replace(/[*_•|>]/g, '')
    .trim();
  if (!/\p{L}/u.test(label) || /[[\]"<>()]/.test(label)) return null;
  if (findAddress(line.trim())?.start === 0) return null;
  const value = line
    .slice(at + 1)
    .replace(/^\s*[:|]/, '')
    .replace(/^[\s*_]+|[\s*_]+$/g, '');
  return { label, value };
}

/** Reads the fields of the groups that are lfd's own; those of the letter around it (From, Date, phone numbers) are not. */
export function readMailFields(groups: readonly (readonly Field[])[]): MailFields {
  const own = ownFields(groups);
  const values = own.map((field) => field.value);
  const failures = values.map((value) => APPS.exec(value)).findLast((match) => match !== null);
  const numbers = values.filter((value) => /^\d{1,9}$/.test(value)).map(Number);
  const spans = values
    .map((value) => /^(\d{1,9})\s{1,3}\p{L}{1,20}\.?$/u.exec(value)?.[1])
    .filter((span) => span !== undefined);
  const count = failures ? Number(failures[1]) : (numbers[0] ?? null);
  const bareInterval = failures ? numbers[0] : numbers[1];
  const service = own.find((field) => /^service$/i.test(field.label))?.value ?? null;
  return {
    time: firstOf(values, readTime),
    address: firstOf(values, leadingAddress),
    account: readAccount(own),
    count,
    apps: failures
      ? (failures[2] ?? '')
          .split(',')
          .map((app) => app.trim())
          .filter((app) => app !== '')
      : [],
    intervalSeconds: spans[0] === undefined ? (bareInterval ?? null) : Number(spans[0]),
    block: firstOf(values.toReversed(), readBlock),
    service,
    isReport: own.some((field) => /^report-id$/i.test(field.label)),
  };
}

/** From the first to the last group that has lfd's marks; without any, the groups with a time or an address. */
function ownFields(groups: readonly (readonly Field[])[]): readonly Field[] {
  const marked = groups.map((group) => group.some(isMark));
  const [from, to] = [marked.indexOf(true), marked.lastIndexOf(true)];
  const chosen = from < 0 ? groups.filter((group) => group.some(isWeakMark)) : groups.slice(from, to + 1);
  const fields = chosen
    .flat()
    .filter((field) => !MAIL_LABEL.test(field.label) || readTime(field.value) !== null);
  return from < 0 && fields.length === 0 ? [] : fields;
}

function isMark(field: Field): boolean {
  if (MAIL_LABEL.test(field.label)) return false;
  if (leadingAddress(field.value) !== null) return /^(?:source|block)$/i.test(field.label);
  return TAG.test(field.value) || APPS.test(field.value) || readTime(field.value) !== null;
}

function isWeakMark(field: Field): boolean {
  return !MAIL_LABEL.test(field.label) && field.label !== '' && leadingAddress(field.value) !== null;
}

function firstOf<T>(values: readonly string[], read: (value: string) => T | null): T | null {
  for (const value of values) {
    const found = read(value);
    if (found !== null) return found;
  }
  return null;
}

/** The address or net a value starts with; `203[.]0[.]113[.]7` too. Null where it is cut out. */
export function leadingAddress(value: string): string | null {
  const start = value
    .slice(0, 80)
    .replace(/\[\.\]|\(\.\)/g, '.')
    .replace(/^[[("'<]+/, '');
  const found = /^[0-9a-fA-F:]/.test(start) ? findAddress(start) : null;
  return found?.start === 0 ? found.address : null;
}

/** perl's localtime with a zone, or an ISO date; with no zone, `at` stays null. */
function readTime(value: string): MailTime | null {
  const local =
    /^[A-Z][a-z]{2} ([A-Z][a-z]{2}) +(\d{1,2}) (\d\d):(\d\d):(\d\d) (\d{4})(?: ([+-])(\d\d)(\d\d))?(?:$|\s)/.exec(
      value,
    );
  if (local) {
    const month = MONTHS.indexOf(local[1] ?? '') / 3;
    const [day, hour, minute, second, year] = [local[2], local[3], local[4], local[5], local[6]].map(Number);
    if (!Number.isInteger(month) || month < 0) return null;
    return momentOf(Date.UTC(year ?? 0, month, day, hour, minute, second), local.slice(7, 10));
  }
  const iso = /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d) ?([+-])(\d\d):?(\d\d)$/.exec(value);
  if (iso === null) return null;
  const [year, month, day, hour, minute, second] = iso.slice(1, 7).map(Number);
  return momentOf(Date.UTC(year ?? 0, (month ?? 1) - 1, day, hour, minute, second), iso.slice(7, 10));
}

function momentOf(wallAt: WallMs, zone: readonly (string | undefined)[]): MailTime {
  const [sign, hours, minutes] = zone;
  if (sign === undefined) return { wallAt, at: null, offsetMinutes: null };
  const offsetMinutes = (Number(hours) * 60 + Number(minutes)) * (sign === '-' ? -1 : 1);
  return { wallAt, at: wallAt - offsetMinutes * 60_000, offsetMinutes };
}

/** A value with lfd's tag (or, in old mails, only its words). A number before the tag makes it temporary. */
function readBlock(value: string): BlockField | null {
  if (leadingAddress(value) !== null) return null;
  const tag = TAG.exec(value);
  if (tag === null) return /^(?:Permanent|Temporary) Block\b/.test(value) ? untagged(value) : null;
  const words = value.slice(0, tag.index);
  const seconds = /(\d{1,12})/.exec(words)?.[1];
  return {
    trigger: tag[1] ?? null,
    permanent: seconds === undefined && !TEMPORARY.test(words),
    seconds: seconds === undefined ? null : Number(seconds),
    inAllow: isAllowNote(value.slice(tag.index + tag[0].length)),
  };
}

function untagged(value: string): BlockField {
  const seconds = /^Temporary Block for (\d{1,12}) /.exec(value)?.[1];
  return {
    trigger: null,
    permanent: value.startsWith('Permanent'),
    seconds: seconds === undefined ? null : Number(seconds),
    inAllow: isAllowNote(value),
  };
}

function isAllowNote(text: string): boolean {
  return /\([^()]{0,80}(?:csf\.allow|_ALLOW)\b/.test(text);
}

/** `distributed … attack on account [carol]` where the address would stand, or an account's own line. */
function readAccount(fields: readonly Field[]): string | null {
  for (const { label, value } of fields) {
    const bracketed =
      leadingAddress(value) === null && !TAG.test(value) ? /\s\[([^[\]]{1,254})\]$/.exec(value) : null;
    if (bracketed?.[1] !== undefined) return bracketed[1];
    if (
      /^(?:account|konto|conta|cuenta|compte|účet|аккаунт|учётная запись)$/i.test(label) &&
      /^\S{1,254}$/.test(value)
    )
      return value;
  }
  return null;
}
