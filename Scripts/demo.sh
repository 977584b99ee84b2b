#!/usr/bin/env bash
# Starts a server of its own on an empty folder, lets the real MLflow client train, register and load back
# a small model (Demo/train.py), shows what was stored, and cleans up.
set -euo pipefail
cd "$(dirname "$0")/.."

Scripts/setup.sh demo
Scripts/build.sh
python=$(Scripts/venv.sh 3)

folder=$(mktemp -d)
server=
end() {
    if [ -n "$server" ]; then
        kill "$server" 2>/dev/null || true
        wait "$server" || true
    fi
    rm -rf "$folder"
}
trap end EXIT

title() { printf '\n%s\n' "$*"; }

title "A server on an empty folder"
port=$("$python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
url=http://127.0.0.1:$port
began=$(date +%s%N)
.build/release/martlet serve --data "$folder/data" --port "$port" >"$folder/log" 2>&1 &
server=$!
until curl -fs -o "$folder/health" "$url/health"; do
    if ! kill -0 "$server" 2>/dev/null; then
        cat "$folder/log" >&2
        exit 1
    fi
    sleep 0.01
done
printf '  %s answered after %d ms\n' "$url" $((($(date +%s%N) - began) / 1000000))

title "The MLflow client at work"
MLFLOW_TRACKING_URI=$url "$python" Demo/train.py

title "What the server says about the champion"
curl -fsS "$url/api/2.0/mlflow/registered-models/alias?name=iris-classifier&alias=champion" |
    "$python" -m json.tool | sed 's/^/  /'

title "What it took"
memory=$(awk '/^VmRSS/ { print int($2 / 1024) }' "/proc/$server/status")
size() { find "$@" -type f -printf '%s\n' | awk '{ sum += $1 } END { printf "%d files, %d KB", NR, sum / 1024 }'; }
printf '  %-24s %s MB resident\n' "the server's memory" "$memory"
printf '  %-24s %s\n' "the artifacts' bytes" "$(size "$folder/data/blobs/plain"), each named by its SHA-256"
printf '  %-24s %s\n' "the database" "$(size "$folder"/data/martlet.sqlite*)"

title "The server stops; martlet doctor looks at what it left"
kill "$server"
wait "$server"
server=
.build/release/martlet doctor --data "$folder/data" | sed 's/^/  /'

title "Next: 'make serve', and MLFLOW_TRACKING_URI=http://127.0.0.1:5000 for your own code."
