#!/usr/bin/env bash
# Makes the virtual environment of a suite of clients, or of the S3 servers, and prints the path of its Python.
#
#   venv.sh 2|3|native|s3
set -euo pipefail
cd "$(dirname "$0")/.."

case $1 in
    2 | 3) name=mlflow-$1 requirements=(Conformance/mlflow/requirements-v"$1".txt) ;;
    # The last one includes the first.
    native) name=native requirements=(Conformance/mlflow/requirements-v3.txt Conformance/native/requirements.txt) ;;
    s3) name=s3 requirements=(Scripts/requirements-s3.txt) ;;
    *) echo "venv.sh: 2, 3, native or s3, not '$1'" >&2 && exit 2 ;;
esac
folder=.venv/$name

# Who comes second waits for the first.
mkdir -p .venv
exec {lock}>".venv/$name.lock"
flock "$lock"

# The copy says for which requirements the environment was made, and that it was finished.
if ! cat "${requirements[@]}" | cmp -s - "$folder/requirements.txt"; then
    echo "Installing what $name needs into $folder" >&2
    rm -rf "$folder"
    "$(Scripts/python.sh)" -m venv "$folder"
    "$folder/bin/python" -m pip install --quiet --disable-pip-version-check -r "${requirements[-1]}" >&2
    cat "${requirements[@]}" >"$folder/requirements.txt"
fi
echo "$PWD/$folder/bin/python"
