// cPanel's programs around Apache, as small scripts in the bed's root: they do what the real ones do to the bed alone,
// and can be told to fail.
import { chmodSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ConfigFacts } from './config.ts';
import { put } from './sites.ts';

export const HTTPD = '/usr/sbin/apache2';

/** The programs as argument lists, with absolute paths of this machine. */
export interface BedCommands {
  readonly httpdTest: readonly string[];
  /** The path of a configuration file is appended. */
  readonly httpdTestFile: readonly string[];
  readonly modules: readonly string[];
  readonly rebuild: readonly string[];
  /** Writes httpd-preview.conf beside httpd.conf. */
  readonly rebuildPreview: readonly string[];
  /** Graceful, after a test. */
  readonly restart: readonly string[];
}

export type FaultPoint = 'httpdTest' | 'httpdTestFile' | 'rebuild' | 'rebuildPreview' | 'restart';

export interface Fault {
  /**
   * `fail` does nothing and says so; `lie` does nothing and ends with 0; `late` does its work and ends with 1;
   * `hang` does nothing for two minutes.
   */
  readonly mode: 'fail' | 'lie' | 'late' | 'hang';
  /** So many calls pass before; 0 without. */
  readonly skip?: number;
  /** So many calls are hit; all without. */
  readonly times?: number;
}

const SCRIPTS = 'usr/local/cpanel/scripts';
const FAULTS = 'run/faults';
const REBUILD = join(import.meta.dirname, 'rebuild.ts');

/** What all scripts share. Apache reads copies of the files that name /etc/apache2, with the bed's short name in it. */
function library(facts: ConfigFacts, zone: string): string {
  return `root='${facts.root}'
alias='${facts.alias}'
PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C TZ=':${zone}'
export PATH LANG TZ

# fault POINT: sets mode to what is switched on for it, else to nothing.
fault() {
  mode=''
  [ -z "\${BED_NO_FAULTS-}" ] && [ -f "$root/${FAULTS}/$1" ] || return 0
  read -r mode skip times <"$root/${FAULTS}/$1"
  if [ "$skip" -gt 0 ]; then
    echo "$mode $((skip - 1)) $times" >"$root/${FAULTS}/$1"
    mode=''
  elif [ "$times" -eq 0 ]; then
    mode=''
  elif [ "$times" -gt 0 ]; then
    echo "$mode 0 $((times - 1))" >"$root/${FAULTS}/$1"
  fi
  case $mode in
    fail) echo "$1: switched to fail" >&2; exit 1 ;;
    lie) exit 0 ;;
    hang) exec sleep 120 ;;
  esac
}

# leave CODE: ends with it, or with 1 where the fault is to come late.
leave() {
  [ "$mode" != late ] || exit 1
  exit "$1"
}

copy() {
  sed 's#/etc/apache2\\([/"]\\)#${facts.alias}\\1#g' "$1" >"$2.$$" && mv -f "$2.$$" "$2"
}

translate() {
  copy "$root/etc/apache2/conf/httpd.conf" "$alias/conf/httpd.conf"
  for folder in conf.d conf.d/modsec; do
    for file in "$alias/$folder"/*.conf; do
      [ -f "$root/etc/apache2/$folder/\${file##*/}" ] || rm -f "$file"
    done
    for file in "$root/etc/apache2/$folder"/*.conf; do
      [ ! -f "$file" ] || copy "$file" "$alias/$folder/\${file##*/}"
    done
  done
}

# test_config FILE: Apache's own test, with the paths that a cPanel server would show.
test_config() {
  said=$(${HTTPD} -d "$alias" -f "$1" -t 2>&1)
  code=$?
  printf '%s\\n' "$said" | sed "s#$alias/#/etc/apache2/#g" >&2
  return $code
}

running() {
  pid=$(cat "$root/run/httpd.pid" 2>/dev/null) && [ "$(cat "/proc/$pid/comm" 2>/dev/null)" = apache2 ]
}
`;
}

const HTTPD_SCRIPT = `case "\${1-} \${2-}" in
  '-t ') fault httpdTest; translate; test_config "$alias/conf/httpd.conf"; leave $? ;;
  '-t -f')
    fault httpdTestFile
    translate
    # The copy bears this process's number: tests may run side by side.
    copy "$3" "$alias/conf/tested-$$.conf"
    test_config "$alias/conf/tested-$$.conf"
    code=$?
    rm -f "$alias/conf/tested-$$.conf"
    leave $code
    ;;
  '-M ') translate; exec ${HTTPD} -d "$alias" -f "$alias/conf/httpd.conf" -M ;;
esac
echo "usage: httpd -t [-f FILE] | -M" >&2
exit 2
`;

const REBUILD_SCRIPT = `target=httpd.conf point=rebuild
for word; do
  case $word in
    --preview) target=httpd-preview.conf point=rebuildPreview ;;
    --nolock) ;;
    *) echo "unknown: $word" >&2; exit 2 ;;
  esac
done
fault $point
'${process.execPath}' '${REBUILD}' "$root/run/bed.json" "$root/etc/apache2/conf/$target"
code=$?
[ $code -ne 0 ] || echo "Built $target OK"
leave $code
`;

const ENSURE_SCRIPT = `case "\${1-}" in
  --user=?* | --all-users) ;;
  *) echo "usage: ensure_vhost_includes --user=USER | --all-users" >&2; exit 2 ;;
esac
"$root/${SCRIPTS}/rebuildhttpdconf" && "$root/${SCRIPTS}/restartsrv_httpd" --graceful
`;

/** Like apachectl: a broken configuration is not loaded. It never starts an Apache that does not run. */
const RESTART_SCRIPT = `signal=restart
[ "\${1-}" != --graceful ] || signal=graceful
fault restart
running || { echo 'httpd is not running' >&2; exit 1; }
translate
test_config "$alias/conf/httpd.conf" || { echo 'not restarted: the configuration is broken' >&2; exit 1; }
${HTTPD} -d "$alias" -f "$alias/conf/httpd.conf" -k $signal
leave $?
`;

/** Copies the configuration to where Apache reads it; for the bed's own starts and reloads. */
const TRANSLATE_SCRIPT = 'translate\n';

function script(facts: ConfigFacts, path: string, body: string): void {
  put(facts.root, path, `#!/bin/sh\nset -u\n. '${facts.root}/run/stand-in.sh'\n${body}`);
  chmodSync(join(facts.root, path), 0o755);
}

/** Writes the scripts below the bed's root. `zone` is the zone file's path. */
export function writeStandIns(facts: ConfigFacts, zone: string): void {
  mkdirSync(join(facts.root, FAULTS), { recursive: true });
  put(facts.root, 'run/bed.json', JSON.stringify(facts));
  put(facts.root, 'run/stand-in.sh', library(facts, zone));
  script(facts, 'run/translate', TRANSLATE_SCRIPT);
  script(facts, 'usr/sbin/httpd', HTTPD_SCRIPT);
  script(facts, `${SCRIPTS}/rebuildhttpdconf`, REBUILD_SCRIPT);
  script(facts, `${SCRIPTS}/ensure_vhost_includes`, ENSURE_SCRIPT);
  script(facts, `${SCRIPTS}/restartsrv_httpd`, RESTART_SCRIPT);
}

/** How the scripts below `root` are called. */
export function standInCommands(root: string): BedCommands {
  const httpd = join(root, 'usr/sbin/httpd');
  const rebuild = join(root, SCRIPTS, 'rebuildhttpdconf');
  return {
    httpdTest: [httpd, '-t'],
    httpdTestFile: [httpd, '-t', '-f'],
    modules: [httpd, '-M'],
    rebuild: [rebuild],
    rebuildPreview: [rebuild, '--preview'],
    restart: [join(root, SCRIPTS, 'restartsrv_httpd'), '--graceful'],
  };
}

/** Switches a fault on, or off with null; all scripts that run afterwards see it. */
export function setFault(root: string, point: FaultPoint, fault: Fault | null): void {
  const file = join(root, FAULTS, point);
  if (fault === null) rmSync(file, { force: true });
  else {
    writeFileSync(`${file}.new`, `${fault.mode} ${fault.skip ?? 0} ${fault.times ?? -1}\n`);
    renameSync(`${file}.new`, file);
  }
}
