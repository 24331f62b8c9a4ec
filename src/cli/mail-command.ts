// `whyblocked mail`: how the mails about blocks stand, and a trial.
import type { Command } from 'commander';
import type { Context } from '../actions/context.ts';
import { BadInput } from '../actions/errors.ts';
import type { IsoTime } from '../actions/explanation.ts';
import { isoTime, readableTime } from '../actions/iso-time.ts';
import { type MailLine, type MailStatus, mailStatus } from '../actions/mail-status.ts';
import type { TrialAnswer } from '../actions/mail-trial.ts';
import { readZone } from '../actions/server.ts';
import { type Output, safeText } from './terminal.ts';

/** What the command needs of the program. */
interface MailSurroundings<Options> {
  readonly output: Output;
  readonly withContext: <Result>(
    options: Options,
    work: (ctx: Context) => Promise<Result>,
  ) => Promise<Result>;
  /** As `withContext`, for what only asks. */
  readonly asked: <Result>(options: Options, work: (ctx: Context) => Promise<Result>) => Promise<Result>;
  readonly sendTrial: (ctx: Context) => Promise<TrialAnswer>;
  /** The account that acts, for the activity. */
  readonly author: string;
  readonly exit: (code: number) => void;
}

/** Writes a time in the server's own offset. */
type When = (at: number) => IsoTime;

/** Mails that did not arrive, shown at the terminal. */
const SHOWN = 10;
const LABEL = 10;

/** Adds the command. */
export function addMailCommand<Options>(
  command: (usage: string, description: string) => Command,
  around: MailSurroundings<Options>,
): void {
  command('mail <status|test>', 'tell how the mails about blocks stand, or send a trial mail')
    .option('--json', 'print one JSON object')
    .action(async (what: string, args: Options & { readonly json?: true }) => {
      const json = args.json === true;
      if (what === 'status') await around.asked(args, (ctx) => show(ctx, json, around.output));
      else if (what === 'test') await around.withContext(args, (ctx) => trial(ctx, json, around));
      else throw new BadInput(`“${what}” is nothing that mail can do: give status or test.`);
    });
}

async function show(ctx: Context, json: boolean, output: Output): Promise<void> {
  const zone = await readZone(ctx);
  const when: When = (at) => isoTime(zone, Math.floor(at / 1000) * 1000);
  const status = mailStatus(ctx);
  output.write(
    json ? `${JSON.stringify(statusJson(status, when))}\n` : `${statusLines(status, when).join('\n')}\n`,
  );
}

function statusJson(status: MailStatus, when: When): object {
  const timed = (line: MailLine): object => ({ ...line, at: when(line.at) });
  const { stuck, lastSent, lost } = status;
  return {
    ...status,
    lastSent: lastSent === null ? null : timed(lastSent),
    stuck: stuck === null ? null : { ...timed(stuck), again: when(stuck.again) },
    lost: lost.map(timed),
  };
}

function statusLines(status: MailStatus, when: When): string[] {
  const { setup, lastSent, stuck, lost } = status;
  const row = (label: string, text: string): string => label.padEnd(LABEL) + safeText(text);
  const time = (at: number): string => readableTime(when(at));
  if (setup === null)
    return [
      'Mails are off. The service sends them when its configuration has a section "mail": {"to": ["you@example.com"]}.',
    ];
  const { quiet, daily, digestAt, perHour } = setup;
  return [
    row('TO', setup.to.join(', ')),
    row('FROM', `${setup.from} by ${setup.via}`),
    row('POLICY', `${setup.policy}, at most ${perHour} an hour`),
    ...(daily ? [row('DAILY', `at ${digestAt}`)] : []),
    ...(quiet === null ? [] : [row('QUIET', `${quiet.from} to ${quiet.to}`)]),
    row('BLOCKS', `${status.undecided} to be decided about, ${status.held} held`),
    row(
      'MAILS',
      `${status.sent} sent, ${status.waiting} waiting, ${status.failed} given up, ${status.unknown} unknown`,
    ),
    ...(lastSent === null ? [] : [row('LAST', `${time(lastSent.at)}  ${lastSent.subject}`)]),
    ...(stuck === null
      ? []
      : [row('STUCK', `${stuck.subject}: ${stuck.problem ?? ''}; tried again ${time(stuck.again)}`)]),
    ...lost
      .slice(0, SHOWN)
      .map(({ at, subject, problem }) => row('LOST', `${time(at)}  ${subject}: ${problem ?? ''}`)),
  ];
}

async function trial(
  ctx: Context,
  json: boolean,
  {
    output,
    sendTrial,
    author,
    exit,
  }: Pick<MailSurroundings<never>, 'output' | 'sendTrial' | 'author' | 'exit'>,
): Promise<void> {
  const answer = await sendTrial(ctx);
  const { delivery, to, from, via } = answer;
  const isTaken = delivery.outcome === 'taken' && delivery.unserved.length === 0;
  ctx.store.write(() => {
    ctx.store.record({
      at: Date.now(),
      who: author,
      address: null,
      act: 'mail',
      detail: `a trial mail to ${to.join(', ')} by ${via}`,
      result: isTaken ? 'done' : `not taken: ${delivery.said}`.slice(0, 200),
    });
  });
  if (json) output.write(`${JSON.stringify(answer)}\n`);
  else output.write(`${safeText(trialText(answer, from))}\n`);
  if (!isTaken) exit(1);
}

function trialText({ delivery, to, via }: TrialAnswer, from: string): string {
  const said = delivery.said === '' ? '' : ` It said: ${delivery.said.replace(/\.$/, '')}.`;
  const head = `From ${from} to ${to.join(', ')}: `;
  switch (delivery.outcome) {
    case 'taken': {
      const refused = delivery.unserved.map((one) => ` ${one.recipient} was refused: ${one.said}`);
      return `${head}${via} took the mail.${said}${refused.join('')} Look whether it arrives, in the folder for spam too.`;
    }
    case 'refused':
      return `${head}${via} did not take the mail.${said}`;
    default:
      return `${head}${via} did not answer when the mail was given: it may have taken it.${said}`;
  }
}
