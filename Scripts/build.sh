#!/usr/bin/env bash
# Builds the program: .build/release/martlet
set -euo pipefail
cd "$(dirname "$0")/.."

Scripts/setup.sh build
if [ ! -x .build/release/martlet ]; then
    echo "Building Martlet; the first time takes some minutes, most of them for its dependencies."
fi
# Without the Swift runtime inside, the program would need the toolchain wherever it runs.
swift build -c release --static-swift-stdlib --product martlet
