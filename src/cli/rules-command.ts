// `whyblocked rules`: which rules fire, where, for how many visitors, and where they are noisy.
import type { Command } from 'commander';
import type { Context } from '../actions/context.ts';
import type { RuleRow } from '../actions/domain-view.ts';
import { freshCauses } from '../actions/fresh-causes.ts';
import { ruleNoise, type RuleNoise } from '../actions/rule-noise.ts';
import { listRules } from '../actions/rule-view.ts';
import { indexVhosts } from '../actions/vhosts.ts';
import type { GlobalOptions } from './global-options.ts';
import { type Output, safeText, styled } from './terminal.ts';

const SILENT: RuleNoise = { people: 0, noisyCauses: 0, noisyVhosts: [] };

/** Opens the database for some work and closes it again. */
type WithContext = (options: GlobalOptions, work: (ctx: Context) => Promise<void>) => Promise<void>;

interface RulesArgs extends GlobalOptions {
  readonly vhost?: string;
  readonly json?: true;
}

/** Fills in the command `rules`, made with the options that every command takes. */
export function addRulesCommand(command: Command, output: Output, withContext: WithContext): void {
  command
    .option('--vhost <domain>', 'only rules that fired on the vhost of this domain')
    .option('--json', 'print one JSON object a line')
    .action(async (options: RulesArgs) => {
      await withContext(options, async (ctx) => {
        const { now } = await freshCauses(ctx);
        const rows = await listRules(ctx, { vhost: options.vhost ?? null, text: null });
        const noise = ruleNoise(ctx, options.vhost === undefined ? null : vhostOf(ctx, options.vhost), now);
        const text =
          options.json === true
            ? rows.map((row) => `${JSON.stringify({ ...row, noise: noise.get(row.id) ?? SILENT })}\n`)
            : textOf(output, rows, noise);
        output.write(text.join(''));
      });
    });
}

/** The rules that fired, one a line; the others are only counted. */
function textOf(output: Output, rows: readonly RuleRow[], noise: ReadonlyMap<string, RuleNoise>): string[] {
  const fired = rows.filter(({ requests }) => requests > 0);
  const rest = rows.length - fired.length;
  const lines = fired.map((row) => lineOf(output, row, noise.get(row.id) ?? SILENT));
  if (lines.length > 0) lines.unshift(`${'Rule'.padEnd(8)} Points Requests Visitors Vhosts People\n`);
  else lines.push('No rule fired in the logs that were read.\n');
  if (rest > 0) lines.push(`${rest} other installed ${rest === 1 ? 'rule' : 'rules'} did not fire.\n`);
  return lines;
}

function lineOf(output: Output, row: RuleRow, noise: RuleNoise): string {
  const numbers = [
    String(row.points ?? '-').padStart(6),
    String(row.requests).padStart(8),
    String(row.visitors).padStart(8),
    String(row.vhosts).padStart(6),
    String(noise.people).padStart(6),
  ];
  const off = row.disabled ? ` ${styled(output, 'yellow', '(switched off)')}` : '';
  return `${safeText(`${row.id.padEnd(8)} ${numbers.join(' ')}  ${row.title}`)}${off}${noisyWords(output, noise)}\n`;
}

/** Where it is noisy, e.g. ` (noisy on shop.example.com and 2 more)`. */
function noisyWords(output: Output, { noisyVhosts }: RuleNoise): string {
  const [first] = noisyVhosts;
  if (first === undefined) return '';
  const more = noisyVhosts.length > 1 ? ` and ${noisyVhosts.length - 1} more` : '';
  const name = first === '' ? 'names that nobody owns' : first;
  return ` ${styled(output, 'red', safeText(`(noisy on ${name}${more})`))}`;
}

/** The servername of a domain's vhost; the name itself where no domain of the server is known. */
function vhostOf(ctx: Context, domain: string): string {
  const name = domain.trim().toLowerCase().replace(/\.$/, '');
  return indexVhosts(ctx.host.vhosts(), ctx.host.hostname()).vhostOf(name) ?? name;
}
