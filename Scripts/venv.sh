#!/usr/bin/env bash
# Makes the virtual environment of an MLflow client and prints the path of its Python.
#
#   venv.sh 2|3
set -euo pipefail
cd "$(dirname "$0")/.."

major=$1
requirements=Conformance/mlflow/requirements-v$major.txt
folder=.venv/mlflow-$major

# The copy says for which requirements the environment was made, and that it was finished.
if ! cmp -s "$requirements" "$folder/requirements.txt"; then
    echo "Installing the MLflow $major client into $folder" >&2
    rm -rf "$folder"
    "$(Scripts/python.sh)" -m venv "$folder"
    "$folder/bin/python" -m pip install --quiet --disable-pip-version-check -r "$requirements" >&2
    cp "$requirements" "$folder/requirements.txt"
fi
echo "$PWD/$folder/bin/python"
