"""Trains version 2, which looks at petals too and is better for it, but has a bug that its author never met.

Of a flower whose petals were not measured it says which species it may be, as a Python set. JSON has no sets,
so MLflow's server answers 500.
"""

from steps import step

with step("client") as this:
    import logging

    import mlflow.pyfunc
    import pandas
    from flowers import FEATURES, PETALS, held_out, learned
    from sklearn.linear_model import LogisticRegression

    logging.getLogger("mlflow").setLevel(logging.ERROR)
    this.text = f"MLflow {mlflow.__version__}, in a process of its own"


class Botanist(mlflow.pyfunc.PythonModel):
    """Says what it sees, and does not guess."""

    def __init__(self, classifier):
        self.classifier = classifier

    def predict(self, context, model_input: pandas.DataFrame, params=None):
        return [self.species(model_input.iloc[[row]]) for row in range(len(model_input))]

    def species(self, flower):
        if flower[PETALS].isna().any(axis=None):
            return set(self.classifier.classes_)
        return self.classifier.predict(flower)[0]


def main() -> None:
    mlflow.set_experiment("iris")
    with mlflow.start_run(run_name="by petals too", log_system_metrics=False):
        with step("training") as this:
            mlflow.log_input(
                mlflow.data.from_pandas(learned, name="iris", targets="species"), context="training"
            )
            mlflow.log_params({"model": "LogisticRegression", "C": 1.0})
            model = Botanist(LogisticRegression(max_iter=500).fit(learned[FEATURES], learned["species"]))
            answers = model.predict(None, held_out[FEATURES])
            accuracy = sum(answers == held_out["species"]) / len(held_out)
            mlflow.log_metric("accuracy", accuracy)
            this.text = f"on the same dataset; accuracy {accuracy:.3f}"

        with step("log_model") as this:
            logged = mlflow.pyfunc.log_model(
                python_model=model,
                name="model",
                registered_model_name="iris",
                input_example=learned[FEATURES].head(2),
                pip_requirements=["scikit-learn", "pandas"],
            )
            this.text = f"id {logged.model_id[:10]}…, registered: version 2 of 'iris'"


main()
