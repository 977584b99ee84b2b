#!/usr/bin/env bash
# Brings every Swift file into the format of .swift-format.
set -euo pipefail
cd "$(dirname "$0")/.."

mapfile -t sources < <(Scripts/swift_files.sh)
swift format --in-place --parallel "${sources[@]}"
