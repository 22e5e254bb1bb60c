#!/bin/sh
# Runs scripts/VERB.ts on the checkout's own Node, after `npm ci` where that is due:
#   sh scripts/bootstrap.sh VERB [ARGUMENT...]
# npm starts it with whatever Node the machine has; the kit's own (the npm package `node`) is always
# the pinned one, so that everybody runs the version that was tested.
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
modules=$root/node_modules
node=$modules/.bin/node
cache=${RABBITMQ_HA_KIT_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/rabbitmq-ha-kit}

fail() {
	printf 'error: %s\n  fix: %s\n' "$1" "$2" >&2
	exit 1
}

# What is installed is what the lock file says; the stamp is written last.
wanted=$(sha256sum <"$root/package-lock.json")
is_installed() {
	[ "$(cat "$modules/.rabbitmq-ha-kit-stamp" 2>/dev/null)" = "$wanted" ] && [ -x "$node" ]
}

install_modules() {
	command -v npm >/dev/null || fail 'npm is not installed' 'apt-get install npm'
	printf 'Installing the npm packages of this checkout...\n' >&2
	log=$(mktemp)
	trap 'rm -f "$log"' EXIT
	# npm versions differ in which packages' install scripts they run. None is needed but the one
	# that fetches Node's binary, so that one is run by name, and its command linked afterwards.
	if ! {
		(cd "$root" && npm ci --ignore-scripts --no-audit --no-fund) &&
			(cd "$modules/node" && node installArchSpecificPackage.js) &&
			ln -sf ../node/bin/node "$node" &&
			"$node" -e 0
	} >"$log" 2>&1; then
		tail -n 20 "$log" >&2
		fail 'npm could not install the packages' \
			'see the lines above; is the npm registry within reach (npm ping)?'
	fi
	printf '%s\n' "$wanted" >"$modules/.rabbitmq-ha-kit-stamp"
}

is_installed || {
	# Two runs at once: the second waits, then finds everything in place. The lock's file is
	# outside of node_modules, which npm ci removes.
	mkdir -p "$cache"
	exec 9>"$cache/.lock-npm-$(printf %s "$root" | cksum | cut -d' ' -f1)"
	flock -n 9 || {
		printf 'Another run is installing the npm packages; waiting...\n' >&2
		flock -w 900 9 || fail 'another run has been installing npm packages for 15 minutes' 'end it'
	}
	is_installed || install_modules
	exec 9>&-
}

PATH=$modules/.bin:$PATH
NODE_COMPILE_CACHE=${NODE_COMPILE_CACHE:-$cache/compile}
export PATH NODE_COMPILE_CACHE
verb=$1
shift
exec "$node" "$root/scripts/$verb.ts" "$@"
