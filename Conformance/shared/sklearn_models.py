"""A tiny scikit-learn model, and how each client logs it."""

import mlflow
import numpy
from sklearn.linear_model import LinearRegression

CLIENT_MAJOR = int(mlflow.__version__.split(".")[0])
PROBE = numpy.array([[1.0], [2.5], [10.0]])


def line(slope: float) -> LinearRegression:
    """A model that multiplies by `slope`."""
    x = numpy.arange(6.0).reshape(-1, 1)
    return LinearRegression().fit(x, x[:, 0] * slope)


def log(model, name="model", **arguments):
    """`mlflow.sklearn.log_model` without the slow search for the model's requirements."""
    key = "name" if CLIENT_MAJOR >= 3 else "artifact_path"
    return mlflow.sklearn.log_model(model, **{key: name}, pip_requirements=["scikit-learn"], **arguments)


def assert_line(loaded, slope: float) -> None:
    numpy.testing.assert_allclose(loaded.predict(PROBE), PROBE[:, 0] * slope)
