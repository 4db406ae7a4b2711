"""Fits the small logistic models of several questions and of going on, and writes their weights."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from assistant.language.logistic import Logistic

FOLDS = 5
STRENGTH = 0.3  # inverse regularisation C; 0.03 and 3 give the same within a percent

Signals = Mapping[str, float]


def fit(rows: Sequence[Signals], labels: Sequence[bool], counts: Sequence[float] | None = None) -> Logistic:
    """Fits a model; `counts` says how much each row counts."""
    names = list(rows[0])
    values = np.array([[row[name] for name in names] for row in rows])
    scaler = StandardScaler().fit(values)
    model = LogisticRegression(C=STRENGTH, max_iter=1000)
    model.fit(scaler.transform(values), labels, sample_weight=counts)
    weights = model.coef_[0] / scaler.scale_
    bias = float(model.intercept_[0] - weights @ scaler.mean_)
    return Logistic(bias, dict(zip(names, weights.tolist(), strict=True)))


def write(file: Path, model: Logistic, subject: str, note: str) -> None:
    """Writes the weights; `subject` says what they tell, `note` on what they were fitted."""
    lines = [
        f"# {subject}",
        "# Weights of a logistic model, written by `python -m benchmarks.questions --write`.",
        f"fitted: {note}",
        f"bias: {model.bias:.4f}",
        "weights:",
        *(f"  {name}: {weight:.4f}" for name, weight in model.weights.items()),
    ]
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"wrote {file.name}")
