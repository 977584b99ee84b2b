#!/usr/bin/env bash
# Prints the name of a Python that the MLflow clients run on (3.10 or newer) and that can make virtual
# environments: whatever python3 is, if it will do.
set -euo pipefail

for name in python3 python3.13 python3.12 python3.11 python3.10; do
    if "$name" -c 'import sys, ensurepip, venv; sys.exit(sys.version_info < (3, 10))' 2>/dev/null; then
        echo "$name"
        exit
    fi
done
exit 1
