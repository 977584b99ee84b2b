#!/usr/bin/env bash
# Moves a version to a stage, if the gates of the model's policy are open, and says in the history which job did it.
#
#   promote.sh MODEL@VERSION STAGE [REASON]
#
# Ends with 1 when a gate is closed, and when somebody else moved the version at the same time.
set -euo pipefail

if [ $# -lt 2 ] || [ $# -gt 3 ]; then
    echo "usage: promote.sh MODEL@VERSION STAGE [REASON]" >&2
    exit 64
fi
version=$1
stage=$2

# Where this runs: GitHub's variables, then Jenkins's, then nothing.
job="by hand"
if [ -n "${GITHUB_RUN_ID:-}" ]; then
    job="${GITHUB_SERVER_URL:-}/${GITHUB_REPOSITORY:-}/actions/runs/$GITHUB_RUN_ID"
elif [ -n "${BUILD_URL:-}" ]; then
    job=$BUILD_URL
fi
reason=${3:-"promoted $job"}

# The server checks the gates again when it moves the version; asking first shows all of them, open or closed.
"$(dirname "$0")/gate.sh" "$version" "$stage"
martlet promote "$version" --to "$stage" --reason "$reason"
