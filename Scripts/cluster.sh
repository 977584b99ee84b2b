#!/usr/bin/env bash
# A registry of three servers on this machine: PostgreSQL for the rows, an S3 server (SeaweedFS) for the bytes, three
# `martlet serve` and nginx in front of them. Everything lies in a folder that is removed at the end (Ctrl-C).
#
#   PORT=…             where nginx listens (5000)
#   MARTLET_BINARY=…   the program, if it is not to be built
#
# docs/operations.md explains the parts, with the commands for a set-up that stays.
set -euo pipefail
cd "$(dirname "$0")/.."

Scripts/setup.sh build cluster
martlet=${MARTLET_BINARY:-$PWD/.build/release/martlet}
[ -n "${MARTLET_BINARY:-}" ] || Scripts/build.sh
python=$(Scripts/venv.sh s3)

folder=$(mktemp -d /tmp/martlet-cluster-XXXXXX)
chmod 755 "$folder"
pids=()
end() {
    trap - EXIT INT TERM
    # In the reverse order of their start: whoever is in use ends last.
    for ((i = ${#pids[@]} - 1; i >= 0; i--)); do
        kill "${pids[i]}" 2>/dev/null || true
        wait "${pids[i]}" 2>/dev/null || true
    done
    rm -rf "$folder"
}
trap end EXIT
trap exit INT TERM

free_port() { "$python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
await() { # NAME COMMAND…: until the command succeeds
    local name=$1
    shift
    for _ in {1..600}; do
        if "$@" >/dev/null 2>&1; then return; fi
        sleep 0.1
    done
    echo "$name did not start; its log:" >&2
    tail -n 20 "$folder/$name.log" >&2
    exit 1
}

echo "PostgreSQL"
programs=$(dirname "$(compgen -G '/usr/lib/postgresql/*/bin/postgres' | sort -V | tail -n 1)")
as=()
# It refuses to run as root.
[ "$(id -u)" -ne 0 ] || as=(setpriv --reuid=postgres --regid=postgres --clear-groups)
mkdir "$folder/postgres"
[ "$(id -u)" -ne 0 ] || chown postgres "$folder/postgres"
(cd / && "${as[@]}" "$programs/initdb" -D "$folder/postgres" -U martlet -A trust -E UTF8 >"$folder/postgres.log" 2>&1)
postgres_port=$(free_port)
# An interrupt would make it wait for nobody; it ends when it is told to, after the servers.
(cd / && exec setsid "${as[@]}" "$programs/postgres" -D "$folder/postgres" -p "$postgres_port" -k "" \
    >>"$folder/postgres.log" 2>&1) &
pids+=($!)
await postgres "$programs/pg_isready" -h 127.0.0.1 -p "$postgres_port"
database=postgres://martlet@127.0.0.1:$postgres_port/postgres

echo "S3 (SeaweedFS)"
mkfifo "$folder/s3.input"
# Kept open: the server ends with its input.
# shellcheck disable=SC2034
exec {input}<>"$folder/s3.input"
setsid "$python" Scripts/s3_server.py seaweedfs <"$folder/s3.input" >"$folder/s3.json" 2>"$folder/s3.log" &
pids+=($!)
await s3 test -s "$folder/s3.json"
fact() { "$python" -c 'import json, sys; print(json.load(open(sys.argv[1]))[sys.argv[2]])' "$folder/s3.json" "$1"; }
AWS_ACCESS_KEY_ID=$(fact accessKey)
AWS_SECRET_ACCESS_KEY=$(fact secretKey)
export AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY

upstreams=
for number in 1 2 3; do
    port=$(free_port)
    command=("$martlet" serve --data "$folder/martlet-$number" --port "$port" --database "$database"
        --blobs "s3://$(fact bucket)/martlet" --s3-endpoint "$(fact endpoint)" --ledger-key "$folder/ledger-key")
    echo "${command[*]/#$martlet/martlet}"
    setsid "${command[@]}" >"$folder/martlet-$number.log" 2>&1 &
    pids+=($!)
    await "martlet-$number" curl -fs "http://127.0.0.1:$port/ready"
    upstreams+="server 127.0.0.1:$port max_fails=1 fail_timeout=2s; "
done

port=${PORT:-5000}
user=
# Started by root, its workers would otherwise be somebody who may not read our folder.
[ "$(id -u)" -ne 0 ] || user="user root;"
cat >"$folder/nginx.conf" <<CONF
$user
daemon off;
pid $folder/nginx.pid;
error_log $folder/nginx.log;
events {}
http {
    access_log off;
    client_body_temp_path $folder/nginx-body;
    proxy_temp_path $folder/nginx-proxy;
    fastcgi_temp_path $folder/nginx-fastcgi;
    uwsgi_temp_path $folder/nginx-uwsgi;
    scgi_temp_path $folder/nginx-scgi;
    upstream martlet { least_conn; $upstreams keepalive 64; }
    server {
        listen 127.0.0.1:$port;
        # Artifacts go through as they come.
        client_max_body_size 0;
        proxy_request_buffering off;
        proxy_buffering off;
        location / {
            proxy_pass http://martlet;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_set_header Host \$http_host;
        }
    }
}
CONF
setsid nginx -p "$folder" -e "$folder/nginx.log" -c "$folder/nginx.conf" &
pids+=($!)
await nginx curl -fs "http://127.0.0.1:$port/ready"

echo
echo "Three servers answer at http://127.0.0.1:$port; Ctrl-C ends all and removes their data."
echo "Next: export MLFLOW_TRACKING_URI=http://127.0.0.1:$port"
wait
