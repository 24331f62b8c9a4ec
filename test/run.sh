#!/bin/sh
# npm test: sets up what is missing, then runs every suite with the Node that the project brings along.
set -eu
home=$(CDPATH='' cd -P "$(dirname "$0")/.." && pwd)
cd "$home"

# System parts: installed when we may (root on Debian), else the suites that need them skip by name.
missing=''
for pair in /usr/sbin/apache2:apache2 /usr/lib/apache2/modules/mod_security2.so:libapache2-mod-security2 \
  /usr/share/modsecurity-crs/rules:modsecurity-crs /usr/bin/chromium:chromium; do
  [ -e "${pair%%:*}" ] || missing="$missing ${pair##*:}"
done
if [ -n "$missing" ]; then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "installing for the system suites:$missing" >&2
    export DEBIAN_FRONTEND=noninteractive
    # policy-rc.d keeps the packages from starting a web server on this machine.
    if [ ! -e /usr/sbin/policy-rc.d ]; then
      printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
      chmod +x /usr/sbin/policy-rc.d
      trap 'rm -f /usr/sbin/policy-rc.d' EXIT
    fi
    # shellcheck disable=SC2086 # a list of package names
    if ! { apt-get update -qq && apt-get install -y -qq --no-install-recommends $missing; } >&2; then
      echo "SKIPPED SUITES AHEAD: could not install$missing" >&2
    fi
  else
    echo "SKIPPED SUITES AHEAD: not installed here:$missing" >&2
  fi
fi

# The flags go to the project's own Node only: an old system npm would choke on them in NODE_OPTIONS. Three suites at a time:
# many of them wait for Apache or a browser; more at once would share the machine's ports and disk.
WHYBLOCKED_WITH_TESTS=1 sh plugin/whyblocked --run-script --experimental-vm-modules \
  --disable-warning=ExperimentalWarning node_modules/jest/bin/jest.js --maxWorkers=3 "$@"
