#!/usr/bin/env bash
# Starts a PostgreSQL server in a new folder below /tmp and says which, on one line; connections go through a socket
# there, as user martlet. Stops it when standard input ends, whatever the tests that hold it have died of. Until then
# the line "kill" ends the server as a crash would, "start" starts it again; "freeze" has it answer nobody, though its
# sockets stay, until "thaw". All are answered with "done".
#
# With the argument "tls" it also listens on the loopback address that the file `address` there names, and shows a
# certificate for localhost from an authority that nobody knows, `authority.pem`.
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
address=
if [ "${1:-}" = tls ]; then
    # One of millions, so that servers need no ports of their own.
    address=127.$((RANDOM % 254 + 1)).$((RANDOM % 254 + 1)).$((RANDOM % 254 + 1))
    echo "$address" >address
    key=(-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes)
    {
        openssl req -x509 "${key[@]}" -keyout authority.key -out authority.pem -days 2 -subj /CN=tests
        openssl req "${key[@]}" -keyout server.key -out server.csr -subj /CN=localhost
        openssl x509 -req -in server.csr -CA authority.pem -CAkey authority.key -CAcreateserial -out server.pem \
            -days 2 -extfile <(echo subjectAltName=DNS:localhost)
    } >>log 2>&1
    chmod 600 server.key
    # Also where whoever starts us lets nobody else read what we write.
    [ "${#as[@]}" -eq 0 ] || chown postgres server.key server.pem
fi
signal() { # NAME: to all of its processes, the one that starts the others first
    local server
    server=$(head -n 1 "$folder/data/postmaster.pid")
    kill "-$1" "$server" || true
    # shellcheck disable=SC2046
    kill "-$1" $(cat "/proc/$server/task/"*/children) || true
}
options="-k $folder -c listen_addresses=$address -c max_connections=1000 -c fsync=off -c full_page_writes=off"
[ -z "$address" ] || options+=" -c ssl=on -c ssl_cert_file=$folder/server.pem -c ssl_key_file=$folder/server.key"
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
        freeze) signal STOP ;;
        thaw) signal CONT ;;
    esac
    echo "done"
done
signal CONT 2>/dev/null || true
run pg_ctl -m immediate stop
