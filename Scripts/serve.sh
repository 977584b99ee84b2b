#!/usr/bin/env bash
# Builds Martlet and serves ./martlet-data on port 5000, or on the port that PORT says.
set -euo pipefail
cd "$(dirname "$0")/.."

Scripts/build.sh
# Every other setting is the program's own business: MARTLET_… variables and its defaults.
exec .build/release/martlet serve ${PORT:+--port "$PORT"}
