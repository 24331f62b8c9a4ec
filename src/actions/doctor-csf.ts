// csf and lfd: whether they run, and whether what lfd is told to do leads to the blocks that are explained here.
import type { CommandResult } from '../host/run-command.ts';
import type { PlaceLook } from '../host/self-look.ts';
import { csfSettings } from './csf-settings.ts';
import { type Check, checksOf } from './doctor-view.ts';
import type { Firewall } from './firewall.ts';

export interface CsfLooks {
  readonly version: PlaceLook;
  readonly disabled: PlaceLook;
  readonly error: PlaceLook;
  readonly lfd: CommandResult | null;
  readonly firewall: Firewall;
  /** Paths of the error logs that are read. */
  readonly errorLogs: readonly string[];
  /** Whether hits of ModSecurity 3 in nginx are among those kept. */
  readonly isNginx: boolean;
}

const SHARE_FULL = 0.9;

export function csfChecks(looks: CsfLooks): Check[] {
  const check = checksOf('csf');
  const { version, disabled, error, firewall } = looks;
  if (firewall.conf.size === 0)
    return [
      check('csf', 'csf', {
        state: 'warn',
        found: 'csf.conf is not there or cannot be read',
        means: 'Blocks cannot be shown. Requests that ModSecurity refused are explained all the same.',
        mend: 'Install csf, or name its folder with csfFolder in the config file.',
      }),
    ];
  const isTesting = firewall.conf.get('TESTING') === '1';
  return [
    check('csf', 'csf', {
      state: disabled.kind !== 'missing' || error.kind !== 'missing' ? 'fail' : isTesting ? 'warn' : 'ok',
      found: stateWords(looks, isTesting),
      means: isTesting
        ? 'csf opens itself again after some minutes: blocks do not last.'
        : 'Blocks are in force.',
      mend:
        error.kind !== 'missing'
          ? 'csf -r says what is wrong.'
          : disabled.kind !== 'missing'
            ? 'csf -e switches it on.'
            : isTesting
              ? 'TESTING = "0" in csf.conf, then csf -r.'
              : null,
    }),
    lfdCheck(looks.lfd),
    triggerCheck(firewall),
    modsecLogCheck(firewall, looks.errorLogs),
    ...(looks.isNginx ? [nginxCheck(firewall)] : []),
    listCheck(firewall),
    ...settingChecks(firewall),
    check('csf-version', 'Version', {
      state: version.text === null ? 'unknown' : 'info',
      found: (version.text ?? 'not told')
        .replaceAll(/[^\x20-\x7e]+/g, ' ')
        .trim()
        .slice(0, 40),
      means: 'Its files are read by their form, not by their version.',
    }),
  ];
}

function stateWords({ disabled, error }: CsfLooks, isTesting: boolean): string {
  if (error.kind !== 'missing') return `${error.path} is there: csf could not load its rules`;
  if (disabled.kind !== 'missing') return `${disabled.path} is there: csf is switched off`;
  return isTesting ? 'in testing mode' : 'on';
}

function lfdCheck(lfd: CommandResult | null): Check {
  const check = checksOf('csf');
  const word = (lfd?.output ?? '').trim().slice(0, 40);
  if (lfd?.code == null || word === '')
    return check('lfd', 'lfd', {
      state: 'unknown',
      found: lfd?.problem ?? 'not asked',
      means: 'lfd is what blocks.',
    });
  return check('lfd', 'lfd', {
    state: word === 'active' ? 'ok' : 'fail',
    found: word,
    means:
      word === 'active' ? 'New blocks are made and mailed.' : 'Nobody is blocked anew, and no mail comes.',
    mend: word === 'active' ? null : 'systemctl restart lfd',
  });
}

function triggerCheck({ conf }: Firewall): Check {
  const set = conf.get('LF_MODSEC') ?? '';
  const isOn = /^[1-9]/.test(set);
  return checksOf('csf')('lf-modsec', 'LF_MODSEC', {
    state: isOn ? 'ok' : 'info',
    found: `${set === '' ? 'not set' : set} in ${conf.get('LF_INTERVAL') ?? '3600'} s; LF_MODSEC_PERM ${conf.get('LF_MODSEC_PERM') ?? 'not set'}`,
    means: isOn
      ? 'So many refusals of one address lead to a block.'
      : 'lfd does not block for ModSecurity: addresses are refused by the web server alone.',
  });
}

/** ModSecurity 3 in nginx: see `unseenByLfd`. */
function nginxCheck({ conf }: Firewall): Check {
  const isOn = /^[1-9]/.test(conf.get('LF_MODSEC') ?? '');
  return checksOf('csf')('lfd-nginx', 'LF_MODSEC and nginx', {
    state: isOn ? 'warn' : 'info',
    found: 'ModSecurity 3 refuses requests in nginx',
    means:
      'lfd does not see these lines: nginx writes the connection’s number in front of them, and csf’s own expressions fit no such line. No address is blocked for them.',
    mend: isOn
      ? 'Give lfd an expression for them in /usr/local/csf/bin/regex.custom.pm, if it shall block.'
      : null,
  });
}

function modsecLogCheck({ conf }: Firewall, errorLogs: readonly string[]): Check {
  const named = conf.get('MODSEC_LOG') ?? '';
  const isRead = errorLogs.includes(named.replace(/\/{2,}/g, '/'));
  return checksOf('csf')('modsec-log', 'MODSEC_LOG', {
    state: named === '' ? 'unknown' : isRead ? 'ok' : 'info',
    found: named === '' ? 'not set' : named.slice(0, 200),
    means: isRead
      ? 'lfd and Whyblocked read the same log.'
      : 'lfd reads another name than is read here. EasyApache 4 moved the log, and lfd goes along; a log on nginx it does not see.',
  });
}

/** Settings that have a check of their own above. */
const TOLD: ReadonlySet<string> = new Set(['TESTING']);

/** One check for each setting that is not as it is meant, as a rule; one line for all others. */
function settingChecks({ conf }: Firewall): Check[] {
  const check = checksOf('csf');
  const settings = csfSettings(conf).filter(({ name }) => !TOLD.has(name));
  const odd = settings.filter(({ state }) => state !== 'ok');
  return [
    ...odd.map(({ name, value, meaning, misreading, state }) =>
      check(`setting: ${name}`, name, {
        state,
        found: `${name} = "${value.slice(0, 200)}"`,
        means: `${meaning.charAt(0).toUpperCase()}${meaning.slice(1)}.${misreading === null ? '' : ` ${misreading}`}`,
        mend: 'Set it in csf.conf as it is meant, then csf -ra.',
      }),
    ),
    check('csf-settings', 'Settings', {
      state: 'ok',
      found: `${settings.length - odd.length} of ${settings.length} settings about blocks as usual`,
      means: 'What each of them does here, and what it is often taken for, stands on the page Firewall.',
    }),
  ];
}

function listCheck({ conf, deny, readable, problems }: Firewall): Check {
  const check = checksOf('csf');
  if (!readable)
    return check('csf-deny', 'csf.deny', {
      state: 'fail',
      found: problems[0] === undefined ? 'cannot be read' : `${problems[0].source}: ${problems[0].why}`,
      means: 'Whether an address is blocked cannot be told.',
    });
  const counted = deny.filter((entry) => !entry.included && !entry.doNotDelete).length;
  const limit = Number(conf.get('DENY_IP_LIMIT') ?? 0);
  const isFull = limit > 0 && counted >= limit * SHARE_FULL;
  return check('csf-deny', 'csf.deny', {
    state: isFull ? 'warn' : 'ok',
    found: limit > 0 ? `${counted} of ${limit} lines` : `${counted} lines`,
    means: isFull ? 'The oldest blocks drop out soon, without a word.' : 'Blocks are read from it.',
    mend: isFull ? 'Raise DENY_IP_LIMIT, or clear out old blocks.' : null,
  });
}
