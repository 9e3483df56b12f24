"""Computes tests/golden/linear_svc.json: optima of the squared-hinge SVM by scikit-learn.

    pip install numpy scikit-learn && python tests/golden/linear_svc.py
"""
import json
import pathlib

import numpy as np
from sklearn.svm import LinearSVC

from drawn import uniform

# seed, examples, dimensions, C, class weight
PROBLEMS = [
    (11, 200, 10, 1.0, None),
    (12, 300, 40, 0.05, "balanced"),
    (13, 120, 300, 10.0, "balanced"),
    (14, 500, 3, 100.0, None),
]


def main():
    golden = []
    for seed, examples, dimensions, cost, class_weight in PROBLEMS:
        x = uniform(seed, examples * dimensions).reshape(examples, dimensions).astype(np.float64)
        noise = uniform(seed + 100, examples)
        y = x[:, 0] + 0.5 * x[:, 1] + noise * 0.6 > 0.15
        svc = LinearSVC(loss="squared_hinge", dual=True, C=cost, class_weight=class_weight,
                        tol=1e-10, max_iter=1_000_000, random_state=0)
        svc.fit(x, y)
        share = np.where(y, y.mean(), 1 - y.mean())
        costs = cost / (2 * share) if class_weight else np.full(examples, cost)
        w, b = svc.coef_[0], svc.intercept_[0]
        slack = np.maximum(0, 1 - np.where(y, 1, -1) * (x @ w + b))
        golden.append({
            "seed": seed, "examples": examples, "dimensions": dimensions, "cost": cost,
            "balanced": class_weight == "balanced", "positives": int(y.sum()),
            "objective": 0.5 * (w @ w + b * b) + float(costs @ slack**2),
            "weights": [float(f"{v:.9g}") for v in w[:5]], "bias": float(b),
        })
    path = pathlib.Path(__file__).with_name("linear_svc.json")
    path.write_text(json.dumps(golden, indent=1) + "\n")


main()
