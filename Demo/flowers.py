"""The flowers of the demo: those that models learn from, and those that they are asked about."""

from sklearn.datasets import load_iris
from sklearn.model_selection import train_test_split

iris = load_iris(as_frame=True)
frame = iris.frame.drop(columns="target").assign(species=[iris.target_names[kind] for kind in iris.target])
FEATURES = iris.feature_names
SEPALS, PETALS = FEATURES[:2], FEATURES[2:]

learned, held_out = train_test_split(frame, test_size=0.4, random_state=7, stratify=frame["species"])
