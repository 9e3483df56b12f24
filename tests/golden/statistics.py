"""Computes tests/golden/statistics.json: figures of drawn margins by scikit-learn and SciPy.

    pip install numpy scipy scikit-learn && python tests/golden/statistics.py

The margins are drawn (drawn.py) and rounded to hundredths, so that many tie.
"""
import json
import pathlib

import numpy as np
from scipy import stats
from sklearn import metrics
from sklearn.calibration import _SigmoidCalibration

from drawn import uniform

SLICES = 1000
PATIENTS = 50


def drawn(seed):
    """Truths and margins of one network."""
    truth = uniform(seed, SLICES) < -0.3
    margin = np.round(np.float64(uniform(seed + 1, SLICES)) + 0.25 * truth, 2)
    return truth, margin


def delong_deviation(truth, margin):
    """Standard deviation of the AUC (DeLong, DeLong and Clarke-Pearson 1988)."""
    positive, negative = margin[truth], margin[~truth]
    wins = (positive[:, None] > negative) + 0.5 * (positive[:, None] == negative)
    return float(np.sqrt(wins.mean(1).var(ddof=1) / len(positive)
                         + wins.mean(0).var(ddof=1) / len(negative)))


def main():
    truth, margin = drawn(21)
    softmax = 1 / (1 + np.exp(-margin))
    platt = _SigmoidCalibration().fit(margin, truth)
    probability = platt.predict(margin)
    called = margin >= 0
    (tn, fp), (fn, tp) = metrics.confusion_matrix(truth, called)
    fpr, tpr, _ = metrics.roc_curve(truth, margin, drop_intermediate=False)
    order = np.argsort(probability, kind="stable")
    bins = [(probability[b].mean(), truth[b].mean()) for b in np.array_split(order, 10)]
    # Every patient's slices weighted alike, weights 0, 1, 2.
    weight = (np.arange(SLICES) % PATIENTS) % 3
    golden = {
        "positives": int(truth.sum()),
        "auc": metrics.roc_auc_score(truth, margin),
        "aucWeighted": metrics.roc_auc_score(truth, margin, sample_weight=weight),
        "aucDeviation": delong_deviation(truth, margin),
        "accuracy": metrics.accuracy_score(truth, called),
        "sensitivity": metrics.recall_score(truth, called),
        "specificity": metrics.recall_score(~truth, ~called),
        "sensitivityAt90Specificity": float(tpr[fpr <= 0.1].max()),
        "sensitivityAt80Specificity": float(tpr[fpr <= 0.2].max()),
        "meanSquaredError": metrics.brier_score_loss(truth, softmax),
        "crossEntropy": metrics.log_loss(truth, softmax),
        "brier": metrics.brier_score_loss(truth, probability),
        "calibrationError": float(np.mean([abs(said - is_so) for said, is_so in bins])),
        "platt": [platt.a_, platt.b_],
        "confusion": [int(tp), int(fn), int(fp), int(tn)],
        "roc": [[float(fpr[i]), float(tpr[i])] for i in range(0, len(fpr), 10)],
        "rocPoints": len(fpr),
        "mcnemar": [
            {
                "onlyFirst": b, "onlySecond": c,
                "p": float(stats.binomtest(min(b, c), b + c).pvalue) if 0 < b + c < 25
                else float(stats.chi2.sf((abs(b - c) - 1) ** 2 / (b + c), 1)),
            }
            for b, c in [(7, 2), (12, 12), (0, 9), (17, 8), (60, 31), (400, 290), (2, 40)]
        ],
    }
    path = pathlib.Path(__file__).with_name("statistics.json")
    path.write_text(json.dumps(golden, indent=1) + "\n")


main()
