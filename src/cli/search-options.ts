// The options of `whyblocked search` as they are typed, and the query they ask for.
import { type Command, Option } from 'commander';
import { BadInput } from '../actions/errors.ts';
import { EMPTY_QUERY, type RotatedChoice, type SearchQuery, type Syntax } from '../actions/search-query.ts';
import type { GlobalOptions } from './global-options.ts';

const DEFAULT_TIMEOUT_SECONDS = 30;
const LONGEST_TIMEOUT_SECONDS = 3600;
const DASH_HINT = 'A pattern that begins with - is written --regex=PATTERN, or stands behind --.';

/** What commander gives; texts are as they were typed. */
export interface SearchArgs extends GlobalOptions {
  /** The pattern as the first argument. */
  readonly pattern?: string | undefined;
  readonly regex?: string;
  readonly literal?: true;
  readonly pcre?: true;
  readonly ignoreCase?: true;
  readonly invert?: true;
  readonly log?: readonly string[];
  readonly vhost?: string;
  readonly account?: string;
  readonly ip?: string;
  readonly from?: string;
  readonly to?: string;
  readonly at?: string;
  readonly status?: string;
  readonly rotated?: RotatedChoice;
  readonly context?: string;
  readonly limit?: string;
  readonly before?: string;
  readonly count?: true;
  readonly csv?: true;
  readonly json?: true;
  readonly reveal?: true;
  readonly timeout?: string;
  readonly saved?: string | true;
  readonly save?: string;
  readonly forget?: string;
  readonly logs?: true;
}

/** Adds the options of `search` to its command, and says how a pattern that looks like an option is written. */
export function addSearchOptions(command: Command): Command {
  return command
    .configureOutput({
      outputError: (text, write) => {
        write(text.includes('unknown option') ? `${text.trimEnd()} ${DASH_HINT}\n` : text);
      },
    })
    .option('--regex <pattern>', 'the pattern, also one that begins with -')
    .option('--literal', 'the pattern is plain text')
    .option('--pcre', 'the pattern has lookaround or backreferences')
    .option('-i, --ignore-case', 'capital and small letters are the same')
    .option('-v, --invert', 'lines that the pattern does not find')
    .option(
      '--log <kind|path>',
      'access, error, audit, lfd, mail, system, or the full path of a log; may be repeated',
      (log: string, others: readonly string[] | undefined) => [...(others ?? []), log],
    )
    .option('--vhost <domain>', 'only lines of this vhost')
    .option('--account <name>', 'only lines of the vhosts of this account')
    .option('--ip <address>', 'only lines that name this address or an address of this net')
    .option('--from <time>', 'only lines from this time on, e.g. "2026-11-22 17:30", "17:56 yesterday", -2h')
    .option('--to <time>', 'only lines up to this time')
    .option('--at <time>', 'five minutes before and after this time')
    .option('--status <status>', 'only requests answered so, e.g. 4xx or 403')
    .addOption(
      new Option(
        '--rotated <when>',
        'read rotated and packed logs too; auto: when the time needs them',
      ).choices(['auto', 'always', 'never']),
    )
    .option('--context <number>', 'lines shown before and after each line')
    .option('--limit <number>', `how many of the newest lines are shown (${EMPTY_QUERY.limit})`)
    .option('--before <place>', 'go on with older lines; the place is told under the lines shown')
    .option('--count', 'print only how many lines there are')
    .option('--csv', 'print a table: time, file, offset, text')
    .option('--json', 'print one JSON object a line')
    .option('--reveal', 'show secrets in the lines; this is recorded')
    .option('--timeout <seconds>', `end the search after so long (${DEFAULT_TIMEOUT_SECONDS})`)
    .option('--saved [name]', 'list the kept searches, or run one; other options change it')
    .option('--save <name>', 'keep this search under a name, and run it')
    .option('--forget <name>', 'forget a kept search')
    .option('--logs', 'list the logs that can be searched');
}

/** What is to be done; exactly one of these. */
export type SearchTask = 'search' | 'logs' | 'list saved' | 'forget';

/** Reads what is to be done. Throws BadInput for options that contradict each other. */
export function taskOf(args: SearchArgs): SearchTask {
  refusePairs(args);
  const tasks: readonly (readonly [boolean, SearchTask, string])[] = [
    [args.logs === true, 'logs', '--logs'],
    [args.saved === true, 'list saved', '--saved without a name'],
    [args.forget !== undefined, 'forget', '--forget'],
  ];
  const [first, second] = tasks.filter(([isAsked]) => isAsked);
  if (first === undefined) return 'search';
  const [, task, name] = first;
  const also = second?.[2] ?? SEARCHING.find((key) => args[key] !== undefined);
  if (also !== undefined)
    throw new BadInput(
      `${name} searches nothing, so it goes with no pattern and no other option of a search.`,
    );
  return task;
}

const SEARCHING = [
  'pattern',
  'regex',
  'literal',
  'pcre',
  'ignoreCase',
  'invert',
  'log',
  'vhost',
  'account',
  'ip',
  'from',
  'to',
  'at',
  'status',
  'rotated',
  'context',
  'limit',
  'before',
  'count',
  'csv',
  'reveal',
  'timeout',
  'save',
] as const satisfies readonly (keyof SearchArgs)[];

function refusePairs(args: SearchArgs): void {
  const pairs: readonly (readonly [boolean, string])[] = [
    [
      args.pattern !== undefined && args.regex !== undefined,
      'Two patterns were given. Leave one of them out.',
    ],
    [
      args.literal === true && args.pcre === true,
      '--literal and --pcre contradict each other. Leave one of them out.',
    ],
    [
      args.at !== undefined && (args.from !== undefined || args.to !== undefined),
      '--at sets both ends of the time window. Leave it out, or --from and --to.',
    ],
    [
      args.json === true && args.csv === true,
      '--json and --csv are two forms of output. Choose one of them.',
    ],
    [
      args.count === true && args.csv === true,
      '--count prints a number, no table. Leave --csv out, or choose --json.',
    ],
    [
      args.count === true && args.reveal === true,
      '--count prints no lines to reveal. Leave one of them out.',
    ],
  ];
  const wrong = pairs.find(([isAsked]) => isAsked);
  if (wrong !== undefined) throw new BadInput(wrong[1]);
}

/**
 * The query of a search. What was typed replaces the fields of `kept`, the search that --saved names; a pattern brings
 * its own syntax along. Throws BadInput.
 */
export function queryOf(args: SearchArgs, kept: SearchQuery = EMPTY_QUERY): SearchQuery {
  const typed = args.pattern ?? args.regex;
  const pattern = typed ?? kept.pattern;
  if (pattern === '') refuseIdleFlags(args);
  return {
    ...kept,
    pattern,
    syntax: syntaxOf(args) ?? (typed === undefined ? kept.syntax : 'regex'),
    ignoreCase: args.ignoreCase ?? kept.ignoreCase,
    invert: args.invert ?? kept.invert,
    ...placesOf(args, kept),
    ...windowOf(args, kept),
    context: numberOf('--context', args.context) ?? kept.context,
    limit: numberOf('--limit', args.limit) ?? kept.limit,
    before: args.before ?? null,
  };
}

type Places = Pick<SearchQuery, 'logs' | 'vhost' | 'account' | 'ip' | 'status' | 'rotated'>;

function placesOf(args: SearchArgs, kept: SearchQuery): Places {
  return {
    logs: args.log ?? kept.logs,
    vhost: args.vhost ?? kept.vhost,
    account: args.account ?? kept.account,
    ip: args.ip ?? kept.ip,
    status: args.status ?? kept.status,
    rotated: args.rotated ?? kept.rotated,
  };
}

/** `-i` may have been meant as the pattern: without one these flags do nothing. */
function refuseIdleFlags(args: SearchArgs): void {
  const flags = ['literal', 'pcre', 'ignoreCase', 'invert'] as const;
  if (flags.some((flag) => args[flag] !== undefined))
    throw new BadInput(`--literal, --pcre, -i and -v need a pattern. ${DASH_HINT}`);
}

function syntaxOf({ literal, pcre }: SearchArgs): Syntax | null {
  if (literal === true) return 'literal';
  return pcre === true ? 'pcre' : null;
}

/** Both ends; --at names a range of its own when it says `+-`. */
function windowOf({ from, to, at }: SearchArgs, kept: SearchQuery): Pick<SearchQuery, 'from' | 'to'> {
  if (at === undefined) return { from: from ?? kept.from, to: to ?? kept.to };
  return { from: /\+-|\+\/-|±/.test(at) ? at : `${at} +-5 min`, to: null };
}

function numberOf(name: string, text: string | undefined): number | null {
  if (text === undefined) return null;
  if (!/^\d{1,9}$/.test(text))
    throw new BadInput(`${name} needs a whole number, not “${text.slice(0, 80)}”.`);
  return Number(text);
}

/** How long the search may take, in milliseconds. Throws BadInput. */
export function timeoutOf({ timeout }: SearchArgs): number {
  const seconds = numberOf('--timeout', timeout) ?? DEFAULT_TIMEOUT_SECONDS;
  if (seconds < 1 || seconds > LONGEST_TIMEOUT_SECONDS)
    throw new BadInput(`--timeout must be from 1 to ${LONGEST_TIMEOUT_SECONDS} seconds.`);
  return seconds * 1000;
}
