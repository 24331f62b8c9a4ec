#!/bin/sh
# Installs or upgrades Whyblocked from this folder: an unpacked release archive, or a checkout (which needs npm).
#   sh install.sh [--standalone]     --standalone: a server with csf and Apache, but without cPanel
# Safe to run again. A step that fails takes everything back to the version before. DESTDIR=FOLDER only puts files there.
set -eu
umask 022
home=$(CDPATH='' cd -P "$(dirname "$0")" && pwd)
# shellcheck source=plugin/install-lib.sh
. "$home/plugin/install-lib.sh"

standalone=no
case ${1:-} in
  '') ;;
  --standalone) standalone=yes ;;
  --help | -h) sed -n '2,4s/^# \{0,1\}//p' "$0"; exit 0 ;;
  *) echo "install.sh does not know \"$1\". It takes --standalone, or nothing." >&2; exit 2 ;;
esac

# --- Checks: each says what was found, what is needed and what to do. ---
bad=0
ok() { say "  ok    $*"; }
warn() { say "  note  $*"; }
stop() { say "  STOP  $*"; bad=1; }

# at_least WANTED FOUND, both like 2.34
at_least() { [ "$(printf '%s\n%s\n' "$1" "$2" | sort -V | head -n 1)" = "$1" ]; }
built() { sed -n "s/^$1=//p" "$home/BUILD" 2>/dev/null || :; }

check_machine() {
  if [ -n "$DESTDIR" ]; then ok "below $DESTDIR: the running server is left alone"
  elif [ "$(id -u)" != 0 ]; then stop 'found an ordinary user, root is needed: run it again as root.'
  elif [ ! -d /run/systemd/system ]; then stop 'systemd does not run here, and it keeps the service alive: install on a server that it starts.'
  else ok 'root, systemd'; fi
  case $(uname -m) in x86_64) arch=x64 ;; aarch64) arch=arm64 ;; *) arch=none ;; esac
  wanted=$(built arch)
  if [ "$arch" = none ]; then stop "found the architecture $(uname -m), x86_64 or aarch64 is needed: there is no program for others."
  elif [ "$arch" != "${wanted:-$arch}" ]; then stop "this archive is for $wanted, the server is $arch: take the one whose name ends in linux-$arch.tar.gz."
  else ok "architecture $arch"; fi
  wanted=$(built glibc)
  glibc=$(getconf GNU_LIBC_VERSION 2>/dev/null | cut -d ' ' -f 2) || glibc=
  if [ -z "$glibc" ]; then stop 'found no glibc: Whyblocked does not run on musl.'
  elif ! at_least "${wanted:-2.34}" "$glibc"; then stop "found glibc $glibc, ${wanted:-2.34} is needed: AlmaLinux, Rocky or CloudLinux 9, Ubuntu 22.04, Debian 12, or later."
  else ok "glibc $glibc"; fi
  for tool in flock sha256sum setsid; do
    command -v "$tool" >/dev/null || stop "found no $tool: install util-linux and coreutils."
  done
}

check_place() {
  mkdir -p "$DESTDIR/opt" "$DESTDIR/var/lib" 2>/dev/null || :
  free=$(df -Pk "$DESTDIR/opt" | awk 'NR == 2 { print int($4 / 1024) }')
  if [ "$free" -lt 400 ]; then stop "found $free MiB free in /opt, 400 are needed: make room first."
  else ok "$free MiB free in /opt"; fi
  kept=$(find "$DESTDIR$state" -maxdepth 1 -name 'whyblocked.db*' -exec du -mc {} + 2>/dev/null | awk 'END { print $1 + 0 }')
  free=$(df -Pk "$DESTDIR/var/lib" | awk 'NR == 2 { print int($4 / 1024) }')
  if [ "$free" -lt $((kept + 100)) ]; then stop "found $free MiB free in /var/lib, $((kept + 100)) are needed for a copy of the database: make room first."; fi
  if [ -e "$DESTDIR$program" ] && [ ! -L "$DESTDIR$program" ]; then stop "$program is a folder that this script did not make: move it away."; fi
}

check_server() {
  if [ -e "$DESTDIR/usr/local/cpanel/version" ]; then
    version=$(head -n 1 "$DESTDIR/usr/local/cpanel/version" | tr -cd '0-9.')
    if [ "$standalone" = yes ]; then stop "found cPanel $version: run install.sh without --standalone, it belongs into WHM."
    else ok "cPanel $version"; fi
  elif [ "$standalone" = no ]; then stop 'found no cPanel: for a server without it, run install.sh --standalone.'
  else ok 'no cPanel, as --standalone says'; fi
  if [ -e "$DESTDIR/etc/csf/csf.conf" ]; then ok 'csf'
  else warn 'found no csf (/etc/csf/csf.conf): what ModSecurity refused is explained, blocks of addresses are not.'; fi
  for sign in etc/apache2/conf.d/modsec2.conf etc/apache2/mods-enabled/security2.load etc/httpd/conf.d/mod_security.conf; do
    if [ -e "$DESTDIR/$sign" ]; then ok "ModSecurity 2 (/$sign)"; return; fi
  done
  if [ -e "$DESTDIR/etc/apache2/conf.d/modsec30.conf" ]; then warn 'found ModSecurity 3: its logs are read, exclusions cannot be made.'
  else warn 'found no ModSecurity 2 for Apache: there will be little to explain. Install it (WHM » EasyApache 4, or the package of the distribution).'; fi
}

say 'Whyblocked: looking at this server'
check_machine
check_place
check_server
[ "$bad" = 0 ] || die 'Nothing was changed.'

take_lock

# --- What was done so far, so that it can be taken back. ---
work=$(mktemp -d)
journal=$work/journal
: >"$journal"
step='preparing'
done=no
was_active=no
stopped=no
trap finish EXIT
trap 'exit 1' HUP INT TERM

finish() {
  [ "$done" = yes ] || { set +e; take_back; }
  rm -rf "$work" "$DESTDIR$lock"
}

note() { printf '%s\n' "$*" >>"$journal"; }

# remember PATH: before it is changed
remember() {
  if [ -e "$DESTDIR$1" ] || [ -L "$DESTDIR$1" ]; then
    count=$(wc -l <"$journal")
    cp -a "$DESTDIR$1" "$work/$count"
    note "restore $count $1"
  else note "remove - $1"; fi
}

# folder PATH [MODE]: with those above it; without MODE one that is there stays as it is
folder() {
  if [ -d "$DESTDIR$1" ]; then
    [ -z "${2:-}" ] || chmod "$2" "$DESTDIR$1"
    return 0
  fi
  [ -d "$DESTDIR${1%/*}" ] || folder "${1%/*}"
  note "rmdir - $1"
  mkdir -m "${2:-0755}" "$DESTDIR$1"
}

# put FILE PATH MODE: whole or not at all, and not when it is there already
put() {
  if cmp -s "$1" "$DESTDIR$2"; then chmod "$3" "$DESTDIR$2"; return 0; fi
  folder "${2%/*}"
  remember "$2"
  cp "$1" "$DESTDIR$2.new"
  chmod "$3" "$DESTDIR$2.new"
  mv -f "$DESTDIR$2.new" "$DESTDIR$2"
}

# link TARGET PATH
link() {
  [ "$(readlink "$DESTDIR$2" 2>/dev/null)" != "$1" ] || return 0
  folder "${2%/*}"
  remember "$2"
  ln -sfn "$1" "$DESTDIR$2.new"
  mv -fT "$DESTDIR$2.new" "$DESTDIR$2"
}

take_back() {
  say "install.sh: $step failed; taking back what was done" >&2
  [ "$stopped" = no ] || live systemctl stop whyblocked.service
  sed '1!G;h;$!d' "$journal" | while read -r what number path; do
    case $what in
      restore) rm -rf "$DESTDIR$path.new"; cp -aT "$work/$number" "$DESTDIR$path.new" && mv -fT "$DESTDIR$path.new" "$DESTDIR$path" ;;
      remove) rm -f "$DESTDIR$path" "$DESTDIR$path.new" ;;
      forget) rm -rf "$DESTDIR$path" "$DESTDIR$path.new" ;;
      rmdir) rmdir "$DESTDIR$path" 2>/dev/null ;;
      database) rm -f "$DESTDIR$state"/whyblocked.db*; cp -p "$DESTDIR$backup"/whyblocked.db* "$DESTDIR$state/" && rm -rf "$DESTDIR$backup" ;;
      unregister) live unregister_appconfig whyblocked ;;
      register) live register_appconfig "$work/whyblocked.conf" ;;
      disable) live systemctl disable whyblocked.service ;;
    esac
  done
  live systemctl daemon-reload
  if [ "$was_active" = no ]; then
    say 'install.sh: all is as it was before.' >&2
  elif live systemctl start whyblocked.service && healthy; then
    say "install.sh: the version before ($(cat "$DESTDIR$program/VERSION")) runs again, with its database of before." >&2
  else
    say 'install.sh: the version before was put back but does not answer: see journalctl -u whyblocked.' >&2
  fi
}

# Waits until the page answers; gives up when systemd does.
healthy() {
  has_live || return 0
  end=$(($(date +%s) + 90))
  while [ "$(date +%s)" -lt "$end" ]; do
    said=$("$DESTDIR$program/node_modules/node-linux-$arch/bin/node" --disable-warning=ExperimentalWarning \
      "$DESTDIR$program/plugin/health.ts" "$DESTDIR$socket" 2>&1) && return 0
    [ "$(live systemctl is-active whyblocked.service 2>/dev/null)" != failed ] || { said="the service ended ($said)"; break; }
    sleep 0.3
  done
  say "install.sh: no answer from the service: $said" >&2
  return 1
}

# --- The program. ---
step='making the program from this checkout'
source=$home
if [ ! -e "$home/BUILD" ]; then
  source=$work/tree
  mkdir "$source"
  sh "$home/plugin/whyblocked" --run-script --disable-warning=ExperimentalWarning "$home/plugin/package.ts" --stage "$source"
fi
whole() { (cd "$1" && sha256sum --check --quiet --strict FILES.sha256 >&2); }
step='checking the files of this folder'
whole "$source"
id=$(cat "$source/VERSION")-$(sha256sum "$source/FILES.sha256" | cut -c 1-8)
release=$releases/$id
step='copying the program'
if [ "$source" != "$(readlink -f "$DESTDIR$release")" ] && ! { [ -d "$DESTDIR$release" ] && whole "$DESTDIR$release" 2>/dev/null; }; then
  folder "$releases"
  [ -e "$DESTDIR$release" ] || note "forget - $release"
  rm -rf "$DESTDIR$release.new"
  cp -a "$source" "$DESTDIR$release.new"
  [ "$(id -u)" != 0 ] || chown -R 0:0 "$DESTDIR$release.new"
  chmod -R go-w "$DESTDIR$release.new"
  rm -rf "$DESTDIR$release"
  mv "$DESTDIR$release.new" "$DESTDIR$release"
fi

# --- The switch. ---
previous=$(readlink "$DESTDIR$program" 2>/dev/null || :)
changed=no
[ "$previous" = "whyblocked-releases/$id" ] || changed=yes
if is_active; then was_active=yes; fi
for path in "$state" "$cache" "$run"; do
  [ -e "$DESTDIR$path" ] || note "forget - $path"
done
if [ "$changed" = yes ]; then
  step='stopping the service'
  stopped=yes
  [ "$was_active" = no ] || live systemctl stop whyblocked.service
  if [ -e "$DESTDIR$state/whyblocked.db" ]; then
    step='copying the database'
    folder "$backup" 0700
    "$DESTDIR$release/node_modules/node-linux-$arch/bin/node" --disable-warning=ExperimentalWarning \
      "$DESTDIR$release/plugin/backup.ts" "$DESTDIR$state/whyblocked.db" "$DESTDIR$backup"
    note 'database - -'
  fi
  step='switching to the new version'
  link "whyblocked-releases/$id" "$program"
fi
step='putting the files in place'
folder "$state" 0700
folder "$state/blocks" 0700
folder "$cache" 0700
folder "${config%/*}" 0700
[ -e "$DESTDIR$config" ] || { echo '{}' >"$work/config.json"; put "$work/config.json" "$config" 0600; }
if [ "$changed" = yes ] && [ -d "$DESTDIR$release/compile-cache" ]; then
  # Code that was compiled for another version is of no use.
  rm -rf "$DESTDIR$cache"/v*
  cp -a "$DESTDIR$release/compile-cache/." "$DESTDIR$cache/"
  chmod -R go= "$DESTDIR$cache"
fi
link "$program/plugin/whyblocked" "$launcher"
before=$(cat "$DESTDIR$unit" "$DESTDIR$dropin" 2>/dev/null | cksum)
put "$DESTDIR$release/plugin/whyblocked.service" "$unit" 0644
if [ "$standalone" = yes ]; then put "$DESTDIR$release/plugin/standalone.conf" "$dropin" 0644
elif [ -e "$DESTDIR$dropin" ]; then
  remember "$dropin"
  rm "$DESTDIR$dropin"
fi
[ "$before" = "$(cat "$DESTDIR$unit" "$DESTDIR$dropin" 2>/dev/null | cksum)" ] || changed=yes

# --- cPanel. ---
if [ "$standalone" = no ]; then
  plugin=$DESTDIR$release/plugin
  folder "$cgi" 0700
  folder "$cgi/static" 0700
  put "$plugin/index.cgi" "$cgi/index.cgi" 0700
  for name in whyblocked.css whyblocked.js; do put "$DESTDIR$release/views/assets/$name" "$cgi/static/$name" 0600; done
  put "$plugin/whyblocked.png" "$icon" 0644
  put "$plugin/whyblocked.tmpl" "$template" 0644
fi

step='starting the service'
live systemctl daemon-reload
live systemctl is-enabled --quiet whyblocked.service 2>/dev/null || { note 'disable - -'; live systemctl enable --quiet whyblocked.service; }
stopped=yes
if [ "$changed" = yes ] || ! is_active; then live systemctl restart whyblocked.service; fi
healthy

if [ "$standalone" = no ]; then
  step='registering with WHM'
  if has_live && { ! cmp -s "$plugin/whyblocked.conf" "$DESTDIR$registration" || [ "$(live is_registered_with_appconfig whostmgr whyblocked)" != 1 ]; }; then
    if cp "$DESTDIR$registration" "$work/whyblocked.conf" 2>/dev/null; then note 'register - -'; else note 'unregister - -'; fi
    live register_appconfig "$plugin/whyblocked.conf"
  fi
  # Adding what is there already would call it twice.
  hooks delete >/dev/null 2>&1
  hooks add >/dev/null || warn 'cPanel took not all hooks: what accounts and rule updates change is seen by the service later. manage_hooks list shows them.'
fi

done=yes
for old in "$DESTDIR$releases"/*; do
  [ "$old" = "$DESTDIR$release" ] || rm -rf "$old"
done
version=$(cat "$DESTDIR$program/VERSION")
if ! has_live; then
  say "Whyblocked $version lies below $DESTDIR; nothing was started."
  exit 0
fi
say "Whyblocked $version is installed."
[ -z "$previous" ] || [ "$previous" = "whyblocked-releases/$id" ] || [ ! -d "$DESTDIR$backup" ] || say "The database of before is kept in $backup."
if [ "$standalone" = yes ]; then say 'Next: whyblocked login     prints a link that signs you in once, through an ssh tunnel'
else say 'Next: open WHM » Plugins » Whyblocked (reload WHM once if it is not there)'; fi
say '      whyblocked doctor    checks what it can read and do on this server'
