"""Trains version 1 of a small model on a tracking server and takes it back by its alias.

All by the unchanged MLflow client. MLFLOW_TRACKING_URI says where the server is. Each line is one step and
how long it took. The model knows iris by their sepals, since petals come late.
"""

from __future__ import annotations

from steps import step

EPOCHS = 30
MODEL = "iris"

with step("client") as this:
    import logging

    import mlflow
    import mlflow.sklearn
    from flowers import FEATURES, SEPALS, frame, held_out, learned
    from mlflow import MlflowClient
    from sklearn.compose import make_column_transformer
    from sklearn.linear_model import SGDClassifier
    from sklearn.metrics import accuracy_score, log_loss
    from sklearn.pipeline import make_pipeline

    logging.getLogger("mlflow").setLevel(logging.ERROR)
    this.text = f"MLflow {mlflow.__version__}, as PyPI has it"


def train():
    """Trains epoch by epoch and logs how it goes."""
    sepals = make_column_transformer(("passthrough", SEPALS)).fit(learned[FEATURES])
    classifier = SGDClassifier(loss="log_loss", alpha=0.01, random_state=7)
    model = make_pipeline(sepals, classifier)
    for epoch in range(EPOCHS):
        classifier.partial_fit(
            learned[SEPALS].to_numpy(), learned["species"], classes=sorted(set(learned["species"]))
        )
        metrics = {
            "loss": log_loss(learned["species"], model.predict_proba(learned[FEATURES])),
            "accuracy": accuracy_score(held_out["species"], model.predict(held_out[FEATURES])),
        }
        mlflow.log_metrics(metrics, step=epoch)
    return model, metrics


def main() -> None:
    client = MlflowClient()

    with step("experiment") as this:
        experiment = mlflow.set_experiment("iris")
        this.text = f"'{experiment.name}', id {experiment.experiment_id}"

    with mlflow.start_run(run_name="by sepals", log_system_metrics=False) as run:
        with step("run") as this:
            mlflow.log_params({"model": "SGDClassifier", "alpha": 0.01, "epochs": EPOCHS})
            mlflow.set_tag("purpose", "demo")
            this.text = f"'by sepals', id {run.info.run_id[:8]}…, 3 params, 1 tag"

        with step("dataset") as this:
            dataset = mlflow.data.from_pandas(learned, name="iris", targets="species")
            mlflow.log_input(dataset, context="training")
            this.text = f"'{dataset.name}', {len(learned)} of {len(frame)} flowers, digest {dataset.digest}"

        with step("training") as this:
            model, metrics = train()
            accuracy, loss = metrics["accuracy"], metrics["loss"]
            this.text = f"{EPOCHS} epochs, each logged; accuracy {accuracy:.3f}, loss {loss:.3f}"

        with step("log_model") as this:
            # Said here, because finding the requirements out would take longer than all the rest.
            logged = mlflow.sklearn.log_model(
                model,
                name="model",
                registered_model_name=MODEL,
                input_example=learned[FEATURES].head(2),
                pip_requirements=["scikit-learn"],
            )
            this.text = f"id {logged.model_id[:10]}…, registered: version 1 of '{MODEL}'"

    with step("alias") as this:
        client.set_registered_model_alias(MODEL, "champion", "1")
        this.text = f"models:/{MODEL}@champion is version 1"

    with step("search") as this:
        found = mlflow.search_runs(
            experiment_names=["iris"], filter_string="metrics.accuracy > 0.5", order_by=["metrics.loss ASC"]
        )
        history = client.get_metric_history(run.info.run_id, "loss")
        this.text = f"{len(found)} run with accuracy > 0.5; its loss has {len(history)} points"
        assert len(history) == EPOCHS

    with step("load and use") as this:
        loaded = mlflow.sklearn.load_model(f"models:/{MODEL}@champion")
        predicted = loaded.predict(held_out[FEATURES])
        assert list(predicted) == list(model.predict(held_out[FEATURES]))
        this.text = f"by alias; {len(predicted)} predictions, the same as before"


main()
