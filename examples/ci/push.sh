#!/usr/bin/env bash
# Registers what a training has left in a folder as a new version, and prints what it is called: MODEL@NUMBER.
#
#   push.sh MODEL FOLDER [OPTION OF 'martlet push']…
#
# For example: push.sh iris ./model --metric accuracy=0.95
#
# Needs `martlet` on the PATH. MARTLET_URL says where the server is, MARTLET_ACTOR who acts.
set -euo pipefail

if [ $# -lt 2 ]; then
    echo "usage: push.sh MODEL FOLDER [OPTION]..." >&2
    exit 64
fi
model=$1
folder=$2
shift 2

# Run inside of a Git work tree, this also records the commit. A job that is repeated sends no byte twice.
martlet push "$folder" --name "$model" --reference "$@"
