// The options that name an exclusion's scope, shared by preview and exclude.
import type { Command } from 'commander';
import { BadInput } from '../actions/errors.ts';
import type { ScopeFields } from '../actions/exclusion-view.ts';
import { kindOf } from '../actions/scope-request.ts';

export interface ScopeArgs {
  readonly vhost: string;
  readonly rule?: string;
  readonly target?: string;
  readonly path?: string;
  readonly tag?: string;
  readonly engineOff?: true;
}

/** Adds --vhost, --rule, --target, --path, --tag and --engine-off. */
export function addScopeOptions(command: Command): Command {
  return command
    .requiredOption('--vhost <domain>', 'the vhost, by any of its domains')
    .option('--rule <id>', 'the rule, e.g. 942100')
    .option('--target <target>', 'only this target of the rule, e.g. ARGS:comment')
    .option('--path <path>', 'only this path: /cart/, /cart/* with all below it, /post/{n}/edit')
    .option('--tag <tag>', 'all rules with this tag')
    .option('--engine-off', 'all rules, for at most an hour');
}

/** The scope that the options make; throws BadInput for a mix that fits none. */
export function scopeFieldsOf(args: ScopeArgs): ScopeFields {
  const parts = {
    ruleId: args.rule ?? null,
    tag: args.tag ?? null,
    target: args.target ?? null,
    path: args.path ?? null,
  };
  const given = [args.rule, args.tag, args.engineOff].filter((value) => value !== undefined).length;
  if (given !== 1)
    throw new BadInput('Give one of --rule ID, --tag TAG and --engine-off: what shall be switched off?');
  if (args.rule === undefined && (args.target ?? args.path) !== undefined)
    throw new BadInput('--target and --path go with --rule only.');
  return { kind: args.engineOff === true ? 'engine-off' : kindOf(parts), vhost: args.vhost, ...parts };
}
