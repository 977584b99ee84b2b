"""Trains a small model on a tracking server and takes it back by its alias, with the unchanged MLflow client.

MLFLOW_TRACKING_URI says where the server is. Each line is one step and how long it took.
"""

from __future__ import annotations

import io
import logging
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr

# Read by the client when it is imported; what it would print stands in our own words below.
os.environ.update(
    GIT_PYTHON_REFRESH="quiet",
    MLFLOW_DISABLE_TELEMETRY="true",
    MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR="false",
    MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT="true",
)

# Without it the client would make a store of its own in this folder.
if not os.environ.get("MLFLOW_TRACKING_URI"):
    sys.exit("Demo/train.py: set MLFLOW_TRACKING_URI to the address of a server, or call 'make demo'")

EPOCHS = 30
MODEL = "iris-classifier"
COLOURS = {"done": "\033[32m", "dim": "\033[2m", "end": "\033[0m"}
if os.environ.get("NO_COLOR") or not os.isatty(1):
    COLOURS = dict.fromkeys(COLOURS, "")


class Step:
    """What a step has to say when it has ended."""

    text = ""


@contextmanager
def step(title: str) -> Iterator[Step]:
    """Times a step and prints it as one line."""
    this = Step()
    began = time.perf_counter()
    noise = io.StringIO()
    try:
        with redirect_stderr(noise):
            yield this
    except BaseException:
        print(f"  ✗ {title}\n{noise.getvalue()}")
        raise
    milliseconds = (time.perf_counter() - began) * 1000
    mark = f"{COLOURS['done']}✓{COLOURS['end']}"
    print(f"  {mark} {title:<14} {this.text:<62} {COLOURS['dim']}{milliseconds:7,.0f} ms{COLOURS['end']}", flush=True)


with step("client") as this:
    import mlflow
    import mlflow.sklearn
    from mlflow import MlflowClient
    from sklearn.datasets import load_iris
    from sklearn.linear_model import SGDClassifier
    from sklearn.metrics import accuracy_score, log_loss
    from sklearn.model_selection import train_test_split

    logging.getLogger("mlflow").setLevel(logging.ERROR)
    this.text = f"MLflow {mlflow.__version__}, as PyPI has it"


def train(features, labels, held_out_features, held_out_labels):
    """Trains epoch by epoch and logs how it goes."""
    model = SGDClassifier(loss="log_loss", alpha=0.01, random_state=7)
    for epoch in range(EPOCHS):
        model.partial_fit(features, labels, classes=[0, 1, 2])
        metrics = {
            "loss": log_loss(labels, model.predict_proba(features)),
            "accuracy": accuracy_score(held_out_labels, model.predict(held_out_features)),
        }
        mlflow.log_metrics(metrics, step=epoch)
    return model, metrics


def main() -> None:
    client = MlflowClient()
    iris = load_iris(as_frame=True)
    split = train_test_split(iris.data, iris.target, test_size=0.3, random_state=7, stratify=iris.target)
    features, held_out_features, labels, held_out_labels = split

    with step("experiment") as this:
        experiment = mlflow.set_experiment("iris")
        this.text = f"'{experiment.name}', id {experiment.experiment_id}"

    with mlflow.start_run(run_name="first try", log_system_metrics=False) as run:
        with step("run") as this:
            mlflow.log_params({"model": "SGDClassifier", "alpha": 0.01, "epochs": EPOCHS})
            mlflow.set_tag("purpose", "demo")
            this.text = f"'first try', id {run.info.run_id[:8]}…, 3 params, 1 tag"

        with step("dataset") as this:
            dataset = mlflow.data.from_pandas(iris.frame, name="iris", targets="target")
            mlflow.log_input(dataset, context="training")
            this.text = f"'{dataset.name}', {len(iris.frame)} flowers, digest {dataset.digest}"

        with step("training") as this:
            model, metrics = train(features, labels, held_out_features, held_out_labels)
            this.text = f"{EPOCHS} epochs, each logged; accuracy {metrics['accuracy']:.3f}, loss {metrics['loss']:.3f}"

        with step("log_model") as this:
            # Said here, because finding the requirements out would take longer than all the rest.
            logged = mlflow.sklearn.log_model(
                model,
                name="model",
                registered_model_name=MODEL,
                input_example=features.head(2),
                pip_requirements=["scikit-learn"],
            )
            this.text = f"id {logged.model_id[:10]}…, registered: version 1 of '{MODEL}'"

    with step("alias") as this:
        client.set_registered_model_alias(MODEL, "champion", "1")
        this.text = f"models:/{MODEL}@champion is version 1"

    with step("search") as this:
        found = mlflow.search_runs(
            experiment_names=["iris"], filter_string="metrics.accuracy > 0.8", order_by=["metrics.loss ASC"]
        )
        history = client.get_metric_history(run.info.run_id, "loss")
        this.text = f"{len(found)} run with accuracy > 0.8; its loss has {len(history)} points"
        assert len(history) == EPOCHS

    with step("load and use") as this:
        loaded = mlflow.sklearn.load_model(f"models:/{MODEL}@champion")
        predicted = loaded.predict(held_out_features)
        assert list(predicted) == list(model.predict(held_out_features))
        this.text = f"by alias; {len(predicted)} predictions, the same as before"


main()
