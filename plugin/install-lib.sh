# What install.sh and uninstall.sh share: the places on a server, and the commands that change the running one.
# shellcheck shell=sh
# shellcheck disable=SC2034 # the places are used where this file is read

# Staging: everything goes below DESTDIR, and nothing of the running server is touched.
DESTDIR=${DESTDIR:-}
DESTDIR=${DESTDIR%/}

program=/opt/whyblocked
releases=/opt/whyblocked-releases
launcher=/usr/local/bin/whyblocked
state=/var/lib/whyblocked
backup=$state/before-upgrade
config=/etc/whyblocked/config.json
cache=/var/cache/whyblocked
run=/run/whyblocked
socket=$run/whyblocked.sock
lock=/run/whyblocked-install.lock
unit=/etc/systemd/system/whyblocked.service
dropin=$unit.d/standalone.conf
docroot=/usr/local/cpanel/whostmgr/docroot
cgi=$docroot/cgi/whyblocked
icon=$docroot/addon_plugins/whyblocked.png
template=$docroot/templates/whyblocked.tmpl
registration=/var/cpanel/apps/whyblocked.conf
hook=$program/plugin/csf-hook
csf_conf=/etc/csf/csf.conf

say() { printf '%s\n' "$*"; }
die() {
  printf '%s\n' "$*" >&2
  exit 1
}

# live NAME [ARGUMENTS]: systemctl, or one of cPanel's commands. They get no input: it may be a list that is worked on.
live() {
  name=$1
  shift
  if [ -n "$DESTDIR" ]; then
    say "  left out below DESTDIR: $name $*"
  elif [ "$name" = systemctl ]; then
    systemctl "$@" </dev/null
  else
    "/usr/local/cpanel/bin/$name" "$@" </dev/null
  fi
}

# Whether live commands mean anything.
has_live() { [ -z "$DESTDIR" ]; }

is_active() { has_live && live systemctl is-active --quiet whyblocked.service; }

# hooks add|delete: what makes cPanel tell us of accounts and rule updates. Names: cPanel's "Guide to Standardized
# Hooks", pages Whostmgr (Accounts) and modsec_vendor; the category of scripts is `scripts` in cPanel's own ea-nginx.
hooks() {
  while read -r category event; do
    live manage_hooks "$1" script "$program/plugin/hook" --manual --category "$category" --event "$event" --stage post || [ "$1" = delete ] || return 1
  done <<LIST
Whostmgr Accounts::Create
Whostmgr Accounts::Modify
Whostmgr Accounts::Remove
scripts modsec_vendor::update
LIST
}

# Two at once would undo each other's work.
take_lock() {
  mkdir -p "$DESTDIR/run"
  exec 8>"$DESTDIR$lock"
  flock -n 8 || die 'Another install.sh or uninstall.sh is at work. Try again when it has ended.'
}
