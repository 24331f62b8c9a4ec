#!/bin/sh
# Removes Whyblocked from this server.
#   sh uninstall.sh [--keep-exclusions | --revert] [--purge]
#     --keep-exclusions   rules that are switched off stay off: the files stay in Apache's configuration
#     --revert            takes each exclusion back first, as `whyblocked revert` does; stops when one cannot be
#     --purge             removes database and configuration, too
# Without the first two it asks; where nobody can be asked, exclusions stay.
set -eu
umask 022

main() {
  home=$(CDPATH='' cd -P "$(dirname "$0")" && pwd)
  # shellcheck source=plugin/install-lib.sh
  . "$home/plugin/install-lib.sh"
  choice=ask
  purge=no
  for option; do
    case $option in
      --keep-exclusions) choice=keep ;;
      --revert) choice=revert ;;
      --purge) purge=yes ;;
      --help | -h) sed -n '2,7s/^# \{0,1\}//p' "$home/uninstall.sh"; exit 0 ;;
      *) echo "uninstall.sh does not know \"$option\". It takes --keep-exclusions, --revert, --purge." >&2; exit 2 ;;
    esac
  done
  [ -n "$DESTDIR" ] || [ "$(id -u)" = 0 ] || die 'Only root can remove Whyblocked.'
  [ -e "$DESTDIR$program" ] || [ -e "$DESTDIR$unit" ] || [ -e "$DESTDIR$state" ] || die 'Whyblocked is not installed here.'
  take_lock
  left=$(mktemp)
  trap 'rm -f "$left" "$DESTDIR$lock"' EXIT
  trap 'exit 1' HUP INT TERM
  active=$(active_ids) || active=unknown
  decide
  [ "$choice" = keep ] || revert_all
  free_slot
  remove_all
  tell_left
}

# The numbers of the exclusions in force, one a line.
active_ids() {
  [ -x "$DESTDIR$program/plugin/whyblocked" ] && [ -e "$DESTDIR$state/whyblocked.db" ] && [ -z "$DESTDIR" ] || return 0
  cli exclusions --json >"$left" || return 1
  "$program/plugin/whyblocked" --run-script --disable-warning=ExperimentalWarning "$program/plugin/active-ids.ts" <"$left"
}

cli() {
  command=$1
  shift
  if [ -e "$config" ]; then "$program/plugin/whyblocked" "$command" "$@" --config "$config" </dev/null
  else "$program/plugin/whyblocked" "$command" "$@" </dev/null; fi
}

decide() {
  if [ "$active" = unknown ]; then
    [ "$choice" != revert ] || die 'The exclusions in force cannot be read: nothing was reverted or removed.'
    say 'The exclusions in force cannot be read: they stay.'
    choice=keep
  elif [ -z "$active" ]; then choice=keep
  elif [ "$choice" = ask ]; then
    number=$(printf '%s\n' "$active" | wc -l)
    choice=keep
    if [ -t 0 ] && [ -t 1 ]; then
      printf 'Exclusions in force: %s. Take them back first, so that these rules work again? [y/N] ' "$number"
      read -r answer || answer=
      case $answer in [yY]*) choice=revert ;; esac
    else
      say "Exclusions in force: $number. They stay (nobody can be asked; --revert takes them back)."
    fi
  fi
}

# One after the other through the tested path: written, config test, reload, verified.
revert_all() {
  for id in $active; do
    cli revert "$id" --reason 'Whyblocked is removed from this server' --yes ||
      die "Exclusion $id could not be taken back, see above. Whyblocked stays installed; those before it are reverted."
  done
}

# The hook in csf.conf, where it is ours; a program that it calls gets its place back.
free_slot() {
  has_live && grep -qs "^[[:space:]]*BLOCK_REPORT[[:space:]]*=.*\"$hook\"" "$csf_conf" || return 0
  cli hook remove --reason 'Whyblocked is removed from this server' --yes ||
    die "The hook in $csf_conf could not be taken out, see above: set BLOCK_REPORT there to what it was (\"\" for nothing) and run this again. Whyblocked stays installed."
}

remove_all() {
  if has_live; then
    live systemctl disable --now --quiet whyblocked.service 2>/dev/null || live systemctl stop whyblocked.service || :
    if [ -e "$DESTDIR$registration" ]; then
      live unregister_appconfig whyblocked >/dev/null || say 'WHM kept its entry: /usr/local/cpanel/bin/unregister_appconfig whyblocked removes it.'
    fi
    if [ -e "$DESTDIR$docroot" ]; then hooks delete >/dev/null 2>&1; fi
  fi
  rm -rf "$DESTDIR$cgi" "$DESTDIR$run" "$DESTDIR$cache" "$DESTDIR$releases"
  rm -f "$DESTDIR$icon" "$DESTDIR$template" "$DESTDIR$unit" "$DESTDIR$dropin" "$DESTDIR$program"
  # Only ours: a link of another name's program stays.
  [ "$(readlink "$DESTDIR$launcher" 2>/dev/null)" != "$program/plugin/whyblocked" ] || rm -f "$DESTDIR$launcher"
  rmdir "$DESTDIR$unit.d" 2>/dev/null || say_if_there "$unit.d"
  ! has_live || live systemctl daemon-reload
  rm -f "$DESTDIR$state"/hook.* "$DESTDIR$state/hook-next"
  rm -rf "$DESTDIR$state/blocks"
  [ "$purge" = no ] || rm -rf "$DESTDIR$state" "$DESTDIR${config%/*}"
}

say_if_there() { [ ! -e "$DESTDIR$1" ] || say "Left: $1 holds files of yours."; }

tell_left() {
  say 'Whyblocked is removed.'
  for folder in /etc/apache2/conf.d /etc/httpd/conf.d; do
    [ ! -d "$DESTDIR$folder" ] || find "$DESTDIR$folder" -type f -name whyblocked.conf
  done >"$left"
  tell_files 'Left in force (remove such a file only together with its line in httpd.conf, by rebuildhttpdconf):' -l
  tell_files 'Left without a directive, since Apache does not start when an included folder is empty:' -L
  for path in "$state" "${config%/*}"; do
    [ ! -e "$DESTDIR$path" ] || say "Left: $path (uninstall.sh --purge removes it; a later install goes on with it)"
  done
}

# tell_files SENTENCE -l|-L: those of the files found that hold a directive, or those that do not
tell_files() {
  # shellcheck disable=SC2046 # names of accounts and vhosts hold no space
  files=$(grep "$2" '^[[:space:]]*Sec' /dev/null $(cat "$left") | grep -vx /dev/null) || return 0
  say "$1"
  printf '%s\n' "$files" | sed "s|^$DESTDIR|  |"
}

main "$@"
exit
