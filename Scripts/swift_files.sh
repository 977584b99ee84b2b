#!/usr/bin/env bash
# Lists the Swift files that are, or could be, in a commit: never what lies in a build folder.
set -euo pipefail
cd "$(dirname "$0")/.."

git ls-files --cached --others --exclude-standard -- '*.swift' | sort -u | while read -r file; do
    # A file that was deleted and not yet committed is listed all the same.
    [ ! -f "$file" ] || echo "$file"
done
