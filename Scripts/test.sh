#!/usr/bin/env bash
# All tests: the repository's tidiness, Swift, then the real MLflow clients of both major versions and the native
# API's clients against the real program. Goes on after a failure; the last line is the sum: N passed, N failed.
set -euo pipefail
cd "$(dirname "$0")/.."

folder=$PWD/.build/test-reports
reports=()

step() { printf '\n== %2d:%02d  %s\n' $((SECONDS / 60)) $((SECONDS % 60)) "$*"; }

# run NAME SECONDS COMMAND…: runs what writes the report NAME.xml, for SECONDS at most.
run() {
    local report=$folder/$1.xml seconds=$2
    shift 2
    reports+=("$report")
    # INT lets a runner end its servers.
    if timeout --foreground --signal=INT --kill-after=60 "$seconds" "$@"; then return; fi
    # A runner that fails and reports no failed test has died: without a report that counts as a failure.
    if python3 Scripts/count_tests.py "$report" >/dev/null; then rm -f "$report"; fi
}

# clients NAME SECONDS PYTHON ARGUMENT…: runs pytest on the program. A test that hangs says where, and the others go on.
clients() {
    local name=$1 seconds=$2 python=$3
    shift 3
    run "$name" "$seconds" env MARTLET_BINARY="$PWD/.build/debug/martlet" \
        "$python" -m pytest -q -p no:cacheprovider --timeout=300 --junitxml="$folder/$name.xml" "$@"
}
# Most tests wait most of the time. Each process has servers of its own.
at_once=(--numprocesses=3 --dist=worksteal)

finish() {
    printf '\n'
    python3 Scripts/count_tests.py "${reports[@]}"
}

Scripts/setup.sh build test
rm -rf "$folder"
mkdir -p "$folder"

step "the repository is tidy"
if Scripts/check.sh; then outcome=; else outcome="<failure/>"; fi
echo "<testsuite><testcase name='make check'>$outcome</testcase></testsuite>" >"$folder/tidy.xml"
reports+=("$folder/tidy.xml")

step "Swift: build"
# Also builds the program; the clients below test that one, which saves a second build.
if ! swift build --build-tests; then
    reports+=("$folder/swift.xml")
    finish
    exit 1
fi
if [ "${MARTLET_SKIP_S3:-}" != 1 ]; then
    # Not while tests are running that have only so much patience.
    step "S3 servers: install"
    Scripts/venv.sh s3 || echo "They cannot be installed; the tests that need them will say so."
fi
# All at once, each test would take as long as all of them, and run into time limits that are there for hangs.
export SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH=8
step "Swift: test"
run swift 900 swift test --skip-build --disable-xctest --xunit-output "$folder/swift.xml"

if [ "${MARTLET_SKIP_POSTGRES:-}" = 1 ]; then
    step "PostgreSQL: skipped, as MARTLET_SKIP_POSTGRES=1 says"
else
    # Everything that is the domain's; the drivers' own tests ran on both databases above.
    step "Swift on PostgreSQL: test"
    run swift-postgres 900 env MARTLET_TEST_DATABASE=postgres swift test --skip-build --disable-xctest \
        --filter '^Martlet(Artifacts|Tracking|Ledger|Events|Registry|Deployments)Tests' \
        --xunit-output "$folder/swift-postgres.xml"
fi

for suite in mlflow-3 mlflow-2 native; do
    step "$suite: install"
    if ! python=$(Scripts/venv.sh "${suite#mlflow-}"); then
        reports+=("$folder/$suite.xml")
        continue
    fi
    step "$suite: test"
    clients "$suite" 1200 "$python" "${at_once[@]}" "Conformance/${suite%-[23]}"
    if [ "$suite" = mlflow-2 ] || [ "${MARTLET_SKIP_POSTGRES:-}" = 1 ]; then continue; fi
    step "$suite on PostgreSQL: test"
    MARTLET_TEST_DATABASE=postgres clients "$suite-postgres" 1200 "$python" "${at_once[@]}" "Conformance/${suite%-3}"
done

# What artifacts are made of, through the real client to a real S3 server.
if [ "${MARTLET_SKIP_S3:-}" != 1 ] && python=$(Scripts/venv.sh 3); then
    step "mlflow-3 with S3: test"
    MARTLET_TEST_BLOBS=s3 clients mlflow-3-s3 600 "$python" \
        Conformance/mlflow/test_{artifact_paths,artifact_ranges,artifact_routes,artifacts,bad_artifacts}.py \
        Conformance/mlflow/test_{collection,crash,loading,logged_models,multipart_uploads}.py
fi

# Several servers over one database and one object store, while servers of all three kinds die.
if [ "${MARTLET_SKIP_S3:-}" != 1 ] && [ "${MARTLET_SKIP_POSTGRES:-}" != 1 ] && python=$(Scripts/venv.sh native); then
    step "a cluster: test"
    clients cluster 600 "$python" Conformance/cluster
fi

step "done"
finish
