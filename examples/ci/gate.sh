#!/usr/bin/env bash
# Ends with 0 if a version may enter a stage. Otherwise says why not and ends with 1, which stops a pipeline.
#
#   gate.sh MODEL@VERSION STAGE
#
# Nothing is moved: a pull request can ask this before anybody decides anything.
set -euo pipefail

if [ $# -ne 2 ]; then
    echo "usage: gate.sh MODEL@VERSION STAGE" >&2
    exit 64
fi

martlet gate "$1" --for "$2"
