"""What a data scientist does: trains a small model and lets the unmodified MLflow client register it."""

from __future__ import annotations

from dataclasses import dataclass

import mlflow
import pandas
from mlflow import MlflowClient
from mlflow.models import infer_signature
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression

COMMIT = "1f0c2d3e4b5a69788796a5b4c3d2e1f001122334"
# Where MLflow puts a scikit-learn model when it is told to pickle it.
MODEL_FILE = "model.pkl"
IRIS = load_iris(as_frame=True).frame


@dataclass
class Trained:
    run: str
    uri: str
    model: LogisticRegression
    number: str | None = None
    dataset: str = ""
    """The digest that MLflow gave the training data."""


def trained(name: str | None = None, rows: int = 150, c: float = 1.0, **log_arguments) -> Trained:
    """A whole run with all that one should log, and a version of `name` that is registered by `log_model`.

    To be called with a current experiment and a client's URIs set.
    """
    data = IRIS.iloc[::2].head(rows) if rows < 75 else IRIS.head(rows)
    features, target = data.drop(columns="target"), data["target"]
    with mlflow.start_run(tags={"mlflow.source.git.commit": COMMIT}) as run:
        model = LogisticRegression(C=c, max_iter=300).fit(features, target)
        dataset = mlflow.data.from_pandas(data, name="iris", targets="target")
        mlflow.log_input(dataset, context="training")
        mlflow.log_params({"C": c, "max_iter": 300})
        mlflow.log_metric("accuracy", float(model.score(features, target)))
        log_arguments.setdefault("signature", infer_signature(features, model.predict(features)))
        log_arguments.setdefault("pip_requirements", ["scikit-learn==1.9.1", "pandas"])
        log_arguments.setdefault("serialization_format", "pickle")
        logged = mlflow.sklearn.log_model(model, name="model", **log_arguments)
    done = Trained(run.info.run_id, logged.model_uri, model, dataset=dataset.digest)
    if name is not None:
        done.number = str(mlflow.register_model(logged.model_uri, name).version)
    return done


def assert_same_predictions(loaded, model: LogisticRegression) -> None:
    probe: pandas.DataFrame = IRIS.drop(columns="target").iloc[::10]
    assert list(loaded.predict(probe)) == list(model.predict(probe))


def put_run(client: MlflowClient, experiment: str, **fields) -> str:
    """The id of a run without anything in it."""
    return client.create_run(experiment, **fields).info.run_id


def log_files(server, experiment: str, run: str, files: dict[str, bytes], folder: str = "model") -> str:
    """Puts files below a run's artifacts, and returns the URI of their folder."""
    for path, data in files.items():
        server.put_artifact(f"{experiment}/{run}/artifacts/{folder}/{path}", data).expect()
    return f"runs:/{run}/{folder}"
