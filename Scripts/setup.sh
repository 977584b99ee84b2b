#!/usr/bin/env bash
# Installs the Debian packages that are missing, and says nothing when none is.
#
#   setup.sh [build] [test] [demo] [cluster] [bench]      for what they are needed; build and test if nothing is said
set -euo pipefail
cd "$(dirname "$0")/.."

if ! command -v swift >/dev/null; then
    echo "Martlet is built with the Swift 6.3 toolchain, and there is no 'swift' on the PATH:" \
        "install it as https://www.swift.org/install/linux/ says, then try again." >&2
    exit 1
fi

missing=()
need() { # PACKAGE COMMAND…: PACKAGE is missing when COMMAND fails
    local package=$1
    shift
    "$@" >/dev/null 2>&1 || missing+=("$package")
}

[ $# -gt 0 ] || set -- build test
for purpose in "$@"; do
    case $purpose in
        build)
            need libsqlite3-dev test -e /usr/include/sqlite3.h
            need libpq-dev test -e /usr/include/postgresql/libpq-fe.h
            ;;
        test)
            need python3-venv Scripts/python.sh
            # The server, of whatever version the distribution has; its programs are not on the PATH.
            [ "${MARTLET_SKIP_POSTGRES:-}" = 1 ] || need postgresql compgen -G '/usr/lib/postgresql/*/bin/initdb'
            ;;
        demo)
            need python3-venv Scripts/python.sh
            need curl command -v curl
            ;;
        cluster)
            need python3-venv Scripts/python.sh
            need curl command -v curl
            need nginx-light command -v nginx
            need postgresql compgen -G '/usr/lib/postgresql/*/bin/initdb'
            ;;
        bench)
            need python3-venv Scripts/python.sh
            need gcc command -v cc
            need libssl-dev test -e /usr/include/openssl/evp.h
            for package in wrk curl openssl strace; do need "$package" command -v "$package"; done
            # Its package proper; the others only wrap it.
            need nginx-light command -v nginx
            need postgresql compgen -G '/usr/lib/postgresql/*/bin/initdb'
            ;;
        *)
            echo "setup.sh: '$purpose' is none of build, test, demo, cluster and bench" >&2
            exit 2
            ;;
    esac
done

[ ${#missing[@]} -gt 0 ] || exit 0

if ! command -v apt-get >/dev/null; then
    echo "These are missing, and only on Debian and its relatives can I install them: ${missing[*]}" >&2
    exit 1
fi
as_root=()
if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null; then
        echo "These are missing: ${missing[*]}. Install them as root, then try again." >&2
        exit 1
    fi
    as_root=(sudo)
fi

echo "Installing ${missing[*]}"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
install() {
    "${as_root[@]}" apt-get update &&
        "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${missing[@]}"
}
if ! install >"$log" 2>&1; then
    cat "$log" >&2
    exit 1
fi
