// cPanel and its Apache: whether the plugin is registered whole, and what cPanel's build of the configuration says.
import type { CommandResult } from '../host/run-command.ts';
import type { PlaceLook } from '../host/self-look.ts';
import { type Check, checksOf } from './doctor-view.ts';

export interface CpanelLooks {
  readonly version: PlaceLook;
  readonly ea4: PlaceLook;
  readonly pathsConf: PlaceLook;
  readonly appConfig: PlaceLook;
  readonly registered: CommandResult | null;
  readonly cgi: PlaceLook;
  readonly style: PlaceLook;
  readonly icon: PlaceLook;
  readonly template: PlaceLook;
  readonly masterTemplate: PlaceLook;
  readonly hooks: CommandResult | null;
  readonly userdatadomains: PlaceLook;
  readonly vhosts: number;
  readonly httpdConf: PlaceLook;
  readonly httpdPreviewConf: PlaceLook;
  readonly includeStd: PlaceLook;
  readonly includeSsl: PlaceLook;
  /** Files of ours that must be read by Apache, and those of them whose folder it includes. */
  readonly ours: { readonly files: number; readonly included: number };
  readonly rebuild: PlaceLook;
}

const EVENTS = ['Accounts::Create', 'Accounts::Modify', 'Accounts::Remove'];

/** One sentence on a server without cPanel. */
export function cpanelChecks(looks: CpanelLooks): Check[] {
  const check = checksOf('cpanel');
  const { version } = looks;
  if (version.kind === 'missing')
    return [
      check('cpanel', 'cPanel', {
        state: 'info',
        found: 'not installed here',
        means: 'The terminal and the pages through `whyblocked login` work; there is no menu entry in WHM.',
      }),
    ];
  return [
    check('cpanel', 'cPanel', {
      state: looks.ea4.kind === 'missing' ? 'warn' : 'ok',
      found: `${clean(version.text)}${looks.ea4.kind === 'missing' ? ', no EasyApache 4' : ', EasyApache 4'}`,
      means: 'Written for WHM 110 and later with EasyApache 4.',
    }),
    place(looks.pathsConf, ['paths', 'Apache’s places'], {
      there: 'Paths are read from it.',
      gone: 'cPanel’s usual paths are taken.',
      weight: 'warn',
    }),
    registeredCheck(looks),
    modeCheck(looks.cgi),
    place(looks.style, ['static', 'Style sheet'], {
      there: 'cpsrvd serves it beside the pages.',
      gone: 'The pages have no colours.',
      weight: 'fail',
    }),
    place(looks.icon, ['icon', 'Icon'], {
      there: 'WHM shows it.',
      gone: 'WHM shows no icon.',
      weight: 'warn',
    }),
    chromeCheck(looks),
    hooksCheck(looks.hooks),
    check('domains', 'Domains', {
      state: looks.vhosts > 0 ? 'ok' : 'fail',
      found: `${looks.userdatadomains.path}: ${looks.vhosts} domains`,
      means: 'It tells which vhost and account a domain belongs to. Without it no exclusion can be placed.',
      mend: looks.vhosts > 0 ? null : '/usr/local/cpanel/scripts/updateuserdatacache makes it anew.',
    }),
    includesCheck(looks),
    check('trial', 'Trial build', {
      state:
        looks.rebuild.kind === 'missing' ? 'fail' : looks.httpdPreviewConf.kind === 'file' ? 'ok' : 'info',
      found:
        looks.httpdPreviewConf.kind === 'file'
          ? `${looks.httpdPreviewConf.path} is there`
          : `${looks.httpdPreviewConf.path} was not written yet`,
      means:
        'rebuildhttpdconf --preview is expected to write it. If it writes elsewhere, the first exclusion of a vhost is refused and nothing is changed: tell us the path.',
      mend: looks.rebuild.kind === 'missing' ? `${looks.rebuild.path} is missing: repair cPanel.` : null,
    }),
  ];
}

function clean(text: string | null): string {
  return (text ?? 'version unknown')
    .replaceAll(/[^\x20-\x7e]+/g, ' ')
    .trim()
    .slice(0, 80);
}

interface PlaceWords {
  readonly there: string;
  readonly gone: string;
  readonly weight: 'warn' | 'fail';
}

function place(
  look: PlaceLook,
  [id, title]: readonly [string, string],
  { there, gone, weight }: PlaceWords,
): Check {
  const isThere = look.kind === 'file' && look.problem === null;
  return checksOf('cpanel')(id, title, {
    state: isThere ? 'ok' : weight,
    found: isThere ? look.path : `${look.path}: ${look.problem ?? 'missing'}`,
    means: isThere ? there : gone,
    mend: isThere ? null : 'install.sh puts it back.',
  });
}

function registeredCheck({ appConfig, registered }: CpanelLooks): Check {
  const check = checksOf('cpanel');
  const isWritten = appConfig.kind === 'file';
  // It prints 1 or 0.
  const printed = /^([01])\s*$/.exec(registered?.output ?? '')?.[1];
  const says = printed === undefined ? null : printed === '1';
  const isGood = isWritten && says !== false;
  return check('registered', 'Registration with WHM', {
    state: !isGood ? 'fail' : says === null ? 'unknown' : 'ok',
    found: `${appConfig.path} ${isWritten ? 'is there' : 'is missing'}; is_registered_with_appconfig says ${says === null ? 'nothing' : says ? 'yes' : 'no'}`,
    means: 'Without it there is no menu entry, and WHM refuses the pages.',
    mend: isGood ? null : 'install.sh registers it; WHM’s own service is restarted by that.',
  });
}

function modeCheck(cgi: PlaceLook): Check {
  const check = checksOf('cpanel');
  const isGood = cgi.kind === 'file' && cgi.isRoots && (cgi.mode & 0o7077) === 0 && (cgi.mode & 0o100) !== 0;
  return check('cgi', 'Bridge', {
    state: isGood ? 'ok' : 'fail',
    found: cgi.kind === 'missing' ? `${cgi.path} is missing` : `${cgi.path} ${cgi.mode.toString(8)}`,
    means: 'WHM runs it as root: it must be root’s and closed to everybody else (0700).',
    mend: isGood ? null : 'install.sh puts it back.',
  });
}

function chromeCheck({ template, masterTemplate }: CpanelLooks): Check {
  const isThere = template.kind === 'file' && masterTemplate.kind === 'file';
  return checksOf('cpanel')('template', 'WHM’s header and menu', {
    state: isThere ? 'ok' : 'info',
    found: isThere
      ? 'the master template is there'
      : `missing: ${[template, masterTemplate]
          .filter(({ kind }) => kind !== 'file')
          .map(({ path }) => path)
          .join(', ')}`,
    means: isThere ? 'Pages stand inside WHM’s own page.' : 'Pages are shown alone, without WHM’s menu.',
  });
}

function hooksCheck(hooks: CommandResult | null): Check {
  const check = checksOf('cpanel');
  if (hooks?.code !== 0)
    return check('hooks', 'Hooks', {
      state: 'unknown',
      found: hooks?.problem ?? 'manage_hooks does not answer',
      means: 'With hooks a moved or removed account is noticed at once; without them within a day.',
    });
  const ours = hooks.output.includes('/opt/whyblocked/plugin/hook');
  const missing = ours ? EVENTS.filter((event) => !hooks.output.includes(event)) : EVENTS;
  return check('hooks', 'Hooks', {
    state: missing.length === 0 ? 'ok' : 'warn',
    found: missing.length === 0 ? EVENTS.join(', ') : `missing: ${missing.join(', ')}`,
    means: 'With hooks a moved or removed account is noticed at once; without them within a day.',
    mend: missing.length === 0 ? null : 'install.sh registers them.',
  });
}

function includesCheck({ httpdConf, includeStd, includeSsl, ours }: CpanelLooks): Check {
  const check = checksOf('cpanel');
  const folders = [includeStd, includeSsl].map(
    ({ path, kind }) => `${path} ${kind === 'folder' ? 'is there' : 'is not there yet'}`,
  );
  if (httpdConf.kind !== 'file')
    return check('includes', 'Include folders', {
      state: 'fail',
      found: `${httpdConf.path}: ${httpdConf.problem ?? 'missing'}`,
      means: 'Whether Apache reads the vhosts’ include folders cannot be seen.',
      mend: '/usr/local/cpanel/scripts/rebuildhttpdconf makes it.',
    });
  const lost = ours.files - ours.included;
  return check('includes', 'Include folders', {
    state: lost > 0 ? 'fail' : 'ok',
    found: `${folders.join('; ')}; ${ours.included} of ${ours.files} files with exclusions are included by ${httpdConf.path}`,
    means:
      lost > 0
        ? 'The exclusions in the others have no effect.'
        : 'Folders that are missing are made with the first exclusion.',
    mend:
      lost > 0
        ? 'whyblocked reconcile says which, and the next change of that vhost builds them anew.'
        : null,
  });
}
