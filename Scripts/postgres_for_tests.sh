#!/usr/bin/env bash
# Starts a PostgreSQL server in a new folder below /tmp and says which, on one line; connections go through a socket
# there, as user martlet. Stops it when standard input ends, whatever the tests that hold it have died of. Until then
# the line "kill" ends the server as a crash would, "start" starts it again; both are answered with "done".
#
# Its databases sort like American English unless told otherwise, so that a text that forgets to say how it sorts is
# found out.
set -euo pipefail
trap '' INT TERM
exec 2>&1

# Debian keeps the server's programs off the PATH.
programs=$(find /usr/lib/postgresql -maxdepth 2 -name bin 2>/dev/null | sort -V | tail -n 1)
if [ -z "$programs" ]; then
    echo "there is no PostgreSQL to test with: install Debian's postgresql, or set MARTLET_SKIP_POSTGRES=1"
    exit 1
fi

folder=$(mktemp -d /tmp/martlet-postgres-XXXXXX)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
# The server refuses to run as root.
as=()
if [ "$(id -u)" -eq 0 ]; then
    as=(setpriv --reuid=postgres --regid=postgres --clear-groups)
    chown postgres "$folder"
fi
run() {
    "${as[@]}" "$programs/$1" -D "$folder/data" "${@:2}" >>"$folder/log" 2>&1 || {
        tail -n 5 "$folder/log"
        exit 1
    }
}
run initdb -U martlet -A trust -E UTF8 -N --locale=C.UTF-8 --locale-provider=icu --icu-locale=en-US
# Many small servers and tests at once; what a loss of power would do is tested elsewhere.
options="-k $folder -c listen_addresses= -c max_connections=1000 -c fsync=off -c full_page_writes=off"
run pg_ctl -w start -o "$options"
echo "$folder"
while read -r command; do
    case $command in
        kill) kill -9 "$(head -n 1 "$folder/data/postmaster.pid")" ;;
        start)
            # Sessions notice a moment later that their server is gone, and keep its memory until then.
            for _ in {1..50}; do
                "${as[@]}" "$programs/pg_ctl" -D "$folder/data" -w start -o "$options" >>"$folder/log" 2>&1 && break
                sleep 0.1
            done
            ;;
    esac
    echo "done"
done
run pg_ctl -m immediate stop
