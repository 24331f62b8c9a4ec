// What an admin says of an address or a cause is kept, taken back, and recorded. It changes that address or cause alone.
import { maskUri } from '../analyse/mask.ts';
import { clientKind } from '../analyse/proxies.ts';
import { netCovers, normalizeAddress, normalizeNet } from '../parse/address.ts';
import type { Mark, MarkKind } from '../model-evidence.ts';
import type { KeptMark, MarkCount, NewMark } from '../store/marks.ts';
import { marksOn, membersOf, WIDEST } from './active-marks.ts';
import type { Context } from './context.ts';
import { BadInput, Refused } from './errors.ts';
import { isMarkKind, MARK_KINDS, markAs } from './mark-words.ts';
import type { MarkRequest } from './marks-view.ts';

const LONGEST_NOTE = 500;
/** Marks that hold at once: each list of incidents looks through them. */
const MOST = 5000;
// C0 and C1 controls, and the marks that turn the direction of text around.
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/;

/** Who says it, for the activity. */
export interface MarkActor {
  readonly who: string;
  readonly address: string | null;
}

/**
 * Marks an address or net; its incidents are judged again at the next look. Throws BadInput for what cannot be read (no
 * address, too wide a net, an unknown kind, a note that is too long or holds control characters), Refused for the
 * server's own addresses, shared proxies, and what is marked so already.
 */
export function markAddress(
  ctx: Context,
  { address, kind, note }: { readonly address: string; readonly kind: string; readonly note: string },
  by: MarkActor,
): KeptMark {
  return keep(ctx, { subject: 'address', about: address, kind, note }, by);
}

/** Marks a cause as a false alarm; no address is judged differently by that. Throws BadInput and Refused likewise. */
export function markCause(
  ctx: Context,
  { cause, kind, note }: { readonly cause: string | number; readonly kind: string; readonly note: string },
  by: MarkActor,
): KeptMark {
  return keep(ctx, { subject: 'cause', about: String(cause), kind, note }, by);
}

/** One of both, as a form or a command asks for it. */
export function makeMark(ctx: Context, { subject, about, kind, note }: MarkRequest, by: MarkActor): KeptMark {
  if (subject === 'cause') return markCause(ctx, { cause: about, kind, note }, by);
  return markAddress(ctx, { address: about, kind, note }, by);
}

function keep(ctx: Context, request: MarkRequest, by: MarkActor): KeptMark {
  return ctx.store.write(() => {
    const mark = { ...checkMark(ctx, request), author: by.who, at: actTime(ctx) };
    const kept = { ...mark, id: ctx.store.marks.add(mark), endedAt: null, endedBy: null };
    judgeAgain(ctx, kept);
    record(ctx, { act: `mark ${mark.subject}`, mark, result: `done: mark ${kept.id}` }, by);
    return kept;
  });
}

/** What a request would keep, in the one form of its fields; changes nothing. Throws as `markAddress` says. */
export function checkMark(ctx: Context, request: MarkRequest): Omit<NewMark, 'author' | 'at'> {
  const mark = request.subject === 'cause' ? readCauseMark(ctx, request) : readAddressMark(ctx, request);
  const { marks } = ctx.store;
  const held = mark.subject === 'cause' ? marks.ofCause(Number(mark.about)) : marksOn(ctx, mark.about);
  const same = held.find((one) => one.endedAt === null && one.kind === mark.kind);
  if (same !== undefined) throw new Refused(alreadySaid(mark, same));
  if (marks.counts().reduce((sum, one) => sum + one.active, 0) >= MOST)
    throw new Refused(`${MOST} marks hold already. Take one of them back first.`);
  return mark;
}

function readAddressMark(ctx: Context, { about, kind, note }: MarkRequest): Omit<NewMark, 'author' | 'at'> {
  const subject = readSubject(about);
  const asKind = readKind(kind);
  refuseShared(ctx, subject);
  return { subject: 'address', about: subject, kind: asKind, note: readNote(note) };
}

function readCauseMark(ctx: Context, { about, kind, note }: MarkRequest): Omit<NewMark, 'author' | 'at'> {
  if (!/^[1-9]\d{0,14}$/.test(about))
    throw new BadInput(`${quoted(about)} is no cause’s number. \`whyblocked causes\` lists them.`, 'cause');
  if (readKind(kind) !== 'false-alarm')
    throw new BadInput(
      'A cause can only be marked as a false alarm: other kinds are about who came.',
      'kind',
    );
  if (ctx.store.marks.cause(Number(about)) === null) throw new Refused(`There is no cause ${about}.`);
  return { subject: 'cause', about, kind: 'false-alarm', note: readNote(note) };
}

/** Takes a mark back; it stays in the list of those that were. Throws Refused when it does not hold, or never was. */
export function endMark(ctx: Context, id: number, by: MarkActor): KeptMark {
  return ctx.store.write(() => {
    const mark = ctx.store.marks.byId(id);
    if (mark === null) throw new Refused(`There is no mark ${id}.`);
    const at = actTime(ctx);
    if (!ctx.store.marks.end(id, at, by.who)) throw new Refused(`Mark ${id} was taken back already.`);
    judgeAgain(ctx, mark);
    record(ctx, { act: 'take back a mark', mark, result: `done: mark ${id} does not hold any more` }, by);
    return { ...mark, endedAt: at, endedBy: by.who };
  });
}

/** By subject and kind: marks that hold, and all that were ever made. Counted and shown; nothing learns from them. */
export function markCounts(ctx: Context): MarkCount[] {
  return ctx.store.marks.counts();
}

function actTime(ctx: Context): number {
  return ctx.fixedNow ?? Date.now();
}

function alreadySaid(mark: Pick<Mark, 'subject' | 'about' | 'kind'>, same: Mark): string {
  const what = mark.subject === 'cause' ? `Cause ${mark.about}` : mark.about;
  const through = same.about === mark.about ? `mark ${same.id}` : `mark ${same.id} of ${same.about}`;
  return `${what} is marked as ${markAs(mark.kind)} already (${through}).`;
}

/** A mark of a cause says nothing of who came: nobody is judged again. */
function judgeAgain(ctx: Context, { subject, about }: Pick<Mark, 'subject' | 'about'>): void {
  if (subject === 'cause') return;
  ctx.store.incidents.forgetJudgementStamp(membersOf(ctx, [about]).get(about) ?? []);
}

function record(
  ctx: Context,
  { act, mark, result }: { readonly act: string; readonly mark: NewMark; readonly result: string },
  { who, address }: MarkActor,
): void {
  const what = mark.subject === 'cause' ? `cause ${mark.about}` : mark.about;
  const note = mark.note === '' ? '' : `: ${mark.note}`;
  const detail = `${what} as ${markAs(mark.kind)}${note}`;
  ctx.store.record({ at: Date.now(), who, address, act, detail, result });
}

function quoted(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}

/** The address or net in its one form. */
function readSubject(text: string): string {
  const address = normalizeAddress(text);
  if (address !== null) return address;
  const net = normalizeNet(text);
  if (net === null)
    throw new BadInput(
      `${quoted(text.trim())} is no address and no net. Give one as 203.0.113.7 or 203.0.113.0/24.`,
      'address',
    );
  const [base = '', bits] = net.split('/');
  const isV6 = base.includes(':');
  if (Number(bits) === (isV6 ? 128 : 32)) return base;
  const widest = isV6 ? WIDEST.ipv6 : WIDEST.ipv4;
  if (Number(bits) < widest)
    throw new BadInput(`${net} is too wide for one word: a net may be a /${widest} at most.`, 'address');
  return net;
}

function readKind(kind: string): MarkKind {
  if (isMarkKind(kind)) return kind;
  throw new BadInput(
    `Say what it is: ${MARK_KINDS.slice(0, -1).join(', ')} or ${MARK_KINDS.at(-1) ?? ''}.`,
    'kind',
  );
}

function readNote(text: string): string {
  const note = text.trim();
  if (note.length > LONGEST_NOTE)
    throw new BadInput(`The note is too long: at most ${LONGEST_NOTE} characters.`, 'note');
  if (UNPRINTABLE.test(note))
    throw new BadInput(
      'The note holds characters that cannot be printed. Type it as one line of plain text.',
      'note',
    );
  return maskUri(note);
}

/** Refuses what no single visitor stands behind: the word would be about all of them. */
function refuseShared(ctx: Context, about: string): void {
  const own = ctx.host.ownAddresses();
  const [base = ''] = about.split('/');
  const kind = clientKind(base, own, ctx.proxies());
  const holdsOwn = about.includes('/') && own.some((one) => netCovers(about, normalizeAddress(one) ?? ''));
  if (kind === 'local' || holdsOwn)
    throw new Refused(
      `${about} is this server itself: its requests are judged as local, whatever is said of them.`,
    );
  if (kind === 'proxy')
    throw new Refused(`${about} is a proxy that many visitors share: one word would be about all of them.`);
}
