// ModSecurity and Apache: which engine decides here, with which settings, and whether its configuration is sound.
import type { CommandResult } from '../host/run-command.ts';
import type { EngineFacts } from './domain-view.ts';
import { type Check, checksOf } from './doctor-view.ts';
import type { Writable } from './exclusion-view.ts';

export interface ModsecLook {
  readonly engine: EngineFacts;
  /** As cPanel's file tells it. */
  readonly version: string | null;
  readonly ruleFiles: number;
  readonly rules: number;
  readonly writable: Writable;
}

const ENGINES: Readonly<Record<string, string>> = {
  'modsecurity-2': 'ModSecurity 2 on Apache',
  'modsecurity-3': 'ModSecurity 3',
  litespeed: 'LiteSpeed',
  nginx: 'ModSecurity 3 in nginx',
};
const PROVED = '2.9.7';

export function modsecChecks(look: ModsecLook): Check[] {
  const check = checksOf('modsecurity');
  const { engine, ruleFiles, rules, writable } = look;
  return [
    engineCheck(look),
    modeCheck(engine.mode),
    check('rules', 'Rules', {
      state: rules > 0 ? 'ok' : 'warn',
      found: `${rules} rules in ${ruleFiles} files`,
      means:
        rules > 0
          ? 'Their texts, targets and points are known.'
          : 'Points and targets come from the logs alone.',
    }),
    ...engine.settings.filter(isTold).map(({ name: title, config, logs, warning }) =>
      check(`setting: ${title}`, title, {
        state: warning === null ? 'ok' : 'warn',
        found: `configuration ${config ?? 'does not tell'}, logs ${logs ?? 'do not tell'}`,
        means: warning ?? 'Configuration and logs agree, as far as both tell.',
      }),
    ),
    check('write', 'Exclusions', {
      state: writable.ok ? 'ok' : 'info',
      found: writable.ok ? 'can be written' : 'cannot be written',
      means: writable.why ?? 'Each change is tested before Apache reads it.',
    }),
  ];
}

function engineCheck({ engine: { engine }, version }: ModsecLook): Check {
  const check = checksOf('modsecurity');
  if (engine === null)
    return check('engine', 'Engine', {
      state: 'warn',
      found: 'none found',
      means: 'Old lines can be explained; nothing is refused here now.',
    });
  const found = `${ENGINES[engine] ?? engine}${version === null ? '' : ` (${version})`}`;
  if (engine !== 'modsecurity-2')
    return check('engine', 'Engine', {
      state: 'info',
      found,
      means: 'Its lines are read and explained; exclusions are shown, not written.',
    });
  const isProved = version === null || version === PROVED;
  return check('engine', 'Engine', {
    state: 'ok',
    found,
    means: `Exclusions are proved for ${PROVED}${isProved ? '' : `; that ${version} reads them in the same way is expected, and each change is tested and looked at afterwards`}.`,
  });
}

function modeCheck(mode: EngineFacts['mode']): Check {
  const check = checksOf('modsecurity');
  if (mode === null || mode === 'On')
    return check('mode', 'Mode', {
      state: mode === null ? 'unknown' : 'ok',
      found: mode ?? 'neither configuration nor logs tell',
      means:
        mode === null ? 'Whether requests are refused is not known.' : 'Requests over the limit are refused.',
    });
  return check('mode', 'Mode', {
    state: 'warn',
    found: mode,
    means: 'Nothing is refused: rules only report, or do not run.',
    mend: 'WHM » ModSecurity Configuration.',
  });
}

/** A setting of which neither the configuration nor a log tells is not worth a line; the engine has one of its own. */
function isTold({ name, config, logs, warning }: EngineFacts['settings'][number]): boolean {
  if (name === 'Engine') return warning !== null;
  return config !== null || logs !== null || warning !== null;
}

export interface ApacheLook {
  readonly isLive: boolean;
  readonly version: CommandResult | null;
  readonly test: CommandResult | null;
  readonly modules: CommandResult | null;
}

export function apacheChecks({ isLive, version, test, modules }: ApacheLook): Check[] {
  const check = checksOf('apache');
  if (!isLive)
    return [
      check('apache', 'Apache', {
        state: 'unknown',
        found: 'this is a copied server',
        means: 'No program was run.',
      }),
    ];
  return [versionCheck(version), testCheck(test), modulesCheck(modules)];
}

function versionCheck(version: CommandResult | null): Check {
  const check = checksOf('apache');
  const said = version?.output ?? '';
  const number = /Server version:\s*([^\n]{1,80})/.exec(said)?.[1];
  const mpm = /Server MPM:\s*(\w{1,20})/.exec(said)?.[1];
  return check('apache', 'Apache', {
    state: number === undefined ? 'unknown' : 'ok',
    found:
      number === undefined
        ? (version?.problem ?? 'it does not tell')
        : `${number}, ${mpm === undefined ? 'MPM unknown' : `MPM ${mpm}`}`,
    means: 'With mpm-itk or mod_ruid2 the audit log is one file for each request.',
  });
}

function testCheck(test: CommandResult | null): Check {
  const check = checksOf('apache');
  const means =
    'Before each exclusion Apache’s configuration is tested. While it does not pass, none is written.';
  if (test?.code == null)
    return check('configtest', 'Configuration test', {
      state: 'unknown',
      found: test?.problem ?? 'not run',
      means,
    });
  if (test.code === 0)
    return check('configtest', 'Configuration test', {
      state: 'ok',
      found: `passes (${test.ms} ms)`,
      means: 'Exclusions can be written.',
    });
  return check('configtest', 'Configuration test', {
    state: 'fail',
    found: test.output.slice(0, 500),
    means,
    mend: 'Mend what it names, then try again.',
  });
}

function modulesCheck(modules: CommandResult | null): Check {
  const check = checksOf('apache');
  if (modules?.code !== 0)
    return check('modules', 'Module', {
      state: 'unknown',
      found: modules?.problem ?? 'not told',
      means: 'Whether ModSecurity is loaded cannot be seen.',
    });
  const loaded = /\b(security[23]_module)\b/.exec(modules.output)?.[1];
  return check('modules', 'Module', {
    state: loaded === undefined ? 'warn' : 'ok',
    found: loaded === undefined ? 'ModSecurity is not loaded' : `${loaded} is loaded`,
    means: loaded === undefined ? 'No rule runs.' : 'Rules run in Apache.',
    mend: loaded === undefined ? 'WHM » EasyApache 4: mod_security2.' : null,
  });
}
