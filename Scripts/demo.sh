#!/usr/bin/env bash
# A version's life in production, with real parts: the MLflow client trains two versions, the server runs both, compares
# them under load, goes back by itself from the one that fails, and proves a decision. It happens in a folder that is
# removed at the end, and takes about two minutes.
#
#   MARTLET_BINARY=…   the program, if it is not to be built
#   MARTLET_PYTHON=…   a Python with the MLflow client, if none is to be installed
set -euo pipefail
cd "$(dirname "$0")/.."

Scripts/setup.sh demo
[ -n "${MARTLET_BINARY:-}" ] || Scripts/build.sh
martlet=$(realpath "${MARTLET_BINARY:-.build/release/martlet}")
python=${MARTLET_PYTHON:-$(Scripts/venv.sh 3)}

folder=$(mktemp -d)
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

title() { printf '\n%s\n' "$*"; }
indent() { sed 's/^/  /'; }
now() { date +%s.%N; }
# Shows a command as one would type it, then what it says.
run() {
    local word
    printf '  $ martlet'
    for word in "$@"; do
        if [[ $word == *[\ \?]* ]]; then printf " '%s'" "$word"; else printf ' %s' "$word"; fi
    done
    printf '\n'
    "$martlet" "$@" | sed 's/^/    /'
}

title "A server on an empty folder"
port=$("$python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
export MARTLET_URL=http://127.0.0.1:$port MLFLOW_TRACKING_URI=http://127.0.0.1:$port MARTLET_ACTOR=ann
export MLFLOW_TRACKING_USERNAME=ann MLFLOW_TRACKING_PASSWORD=-
began=$(date +%s%N)
# Versions find this Python's mlflow on the PATH. Records are sealed every two seconds, not every hour,
# since nobody would wait for the proof.
PATH=$(dirname "$python"):$PATH "$martlet" serve --data "$folder/data" --port "$port" \
    --supervise --decision-period 2s >"$folder/log" 2>&1 &
server=$!
pids+=("$server")
until curl -fs -o "$folder/health" "$MARTLET_URL/health"; do
    if ! kill -0 "$server" 2>/dev/null; then
        cat "$folder/log" >&2
        exit 1
    fi
    sleep 0.01
done
printf '  %s answered after %d ms\n' "$MARTLET_URL" $((($(date +%s%N) - began) / 1000000))

title "Version 1, by the MLflow client as it is: it knows iris by their sepals"
"$python" Demo/train.py

title "Version 2 looks at petals too (and has a bug that nobody found yet)"
"$python" Demo/train_second.py
run promote iris@1.0.0 --to staging
run promote iris@2.0.0 --to staging

title "Version 1 serves: Martlet runs 'mlflow models serve' and waits until it is ready"
run deploy garden iris@1.0.0 --subject header:x-user --decisions strict
mkdir "$folder/users" "$folder/gardeners"
"$python" Demo/load.py "$MARTLET_URL" garden "$folder/users" &
pids+=($!)

title "Version 2 gets half of the users"
run deploy garden iris@2.0.0 --challenger 50%
run experiment start garden --goal correct --minimum 100 --tightest-at 200 --guardrail gateway.error:margin=0.05 \
    --reason 'are petals worth it?'
split=$(now)
sleep 6

title "Which is better? The answers are compared with what the flowers were, early and often"
tell() { "$martlet" outcomes garden --file "$folder/users/outcomes.jsonl" | indent; }
tell
run experiment garden | sed -n 1,2p
sleep 10
tell
run experiment stop garden --reason 'petals are worth it'
"$python" Demo/tally.py --all-answered --sticky --from "$split" "$folder/users"

title "Switched by hand under the same load: to version 2, back, and to version 2 again"
switching=$(now)
run deploy garden --promote iris@2.0.0 --reason 'petals are worth it' --when 'error rate over 5% for 5s: roll back'
sleep 2
run rollback garden --reason 'only to see how fast it is'
sleep 2
run deploy garden iris@2.0.0 --reason 'fast enough'
sleep 2
"$python" Demo/tally.py --all-answered --from "$switching" "$folder/users"

title "Spring: gardeners ask about flowers that have no petals yet"
spring=$(now)
"$python" Demo/load.py "$MARTLET_URL" garden "$folder/gardeners" --callers 1 --before-bloom &
pids+=($!)
back=
for ((turn = 0; turn < 300; turn++)); do
    if [[ $("$martlet" deployments garden) == *"by martlet at"* ]]; then
        back=$(now)
        break
    fi
    sleep 0.2
done
if [ -z "$back" ]; then
    echo "  the server did not go back within a minute" >&2
    exit 1
fi
sleep 5
run deployments garden --revisions --limit 2
run traffic garden --since 30s

title "Until the server went back by itself, what version 2 answered is what callers got"
"$python" Demo/tally.py --from "$spring" --to "$back" "$folder/users" "$folder/gardeners"
title "Since then: version 1 never needed petals"
"$python" Demo/tally.py --all-answered --from "$back" "$folder/users" "$folder/gardeners"

title "The first gardener got an error. Which version was it, and what was it made of?"
decision=$(awk '$4 == 500 { print $5; exit }' "$folder/gardeners/answers.tsv")
until "$martlet" decision "$decision" --proof "$folder/decision.json" >/dev/null 2>&1; do sleep 0.5; done
run decision "$decision"
"$martlet" audit key >"$folder/key.txt"

title "Its record for a stranger, who has a file, the key and no server"
(cd "$folder" && unset MARTLET_URL MLFLOW_TRACKING_URI && run audit proof --verify decision.json --key key.txt)

title "What it took"
memory=$(awk '/^VmRSS/ { print int($2 / 1024) }' "/proc/$server/status")
size() { find "$@" -type f -printf '%s\n' | awk '{ sum += $1 } END { printf "%d files, %d KB", NR, sum / 1024 }'; }
printf '  %-24s %s MB resident\n' "the server's memory" "$memory"
printf '  %-24s %s\n' "the artifacts' bytes" "$(size "$folder/data/blobs/plain"), each named by its SHA-256"
printf '  %-24s %s\n' "the database" "$(size "$folder"/data/martlet.sqlite*)"

title "The server stops; martlet doctor looks at what it left"
for ((i = ${#pids[@]} - 1; i >= 0; i--)); do
    kill "${pids[i]}"
    wait "${pids[i]}"
done
pids=()
"$martlet" doctor --data "$folder/data" | indent

title "Next: 'make serve', and MLFLOW_TRACKING_URI=http://127.0.0.1:5000 for your own code."
