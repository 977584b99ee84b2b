#!/usr/bin/env bash
# What a machine can say about the text alone: format, tidiness, arrows between modules, and whether the pages of
# the protocols list what is served. Builds nothing.
set -euo pipefail
cd "$(dirname "$0")/.."

failed=0
mapfile -t sources < <(Scripts/swift_files.sh)
swift format lint --strict --parallel "${sources[@]}" || failed=1
python3 Scripts/check_tidy.py || failed=1
python3 Scripts/check_imports.py || failed=1
python3 Scripts/check_support_table.py || failed=1
# The checks themselves: quietly, unless one fails.
tests=$(python3 -m unittest discover -s Scripts/tests 2>&1) || {
    echo "$tests"
    failed=1
}
if command -v shellcheck >/dev/null; then
    shellcheck Scripts/*.sh examples/ci/*.sh .ci/run || failed=1
fi

[ $failed -eq 0 ] || echo "make check: see above; 'make format' repairs what is only a matter of format"
exit $failed
