"""ONNX Runtime itself, one thread, on the drawn network: python native.py FOLDER prints JSON."""

import json
import sys
import time
from pathlib import Path

import numpy as np
import onnxruntime

WARM_UP = 5
RUNS = 30


def measured(path, image):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    milliseconds = []
    for run in range(WARM_UP + RUNS):
        started = time.perf_counter()
        margin = session.run(None, {"input": image})[0]
        if run >= WARM_UP:
            milliseconds.append((time.perf_counter() - started) * 1e3)
    return {"milliseconds": milliseconds, "margin": float(margin[0, 0])}


def main(folder):
    image = np.fromfile(folder / "input.bin", np.float32).reshape(1, 3, 227, 227)
    names = {"onnxruntime-native-int8": "network-int8.onnx", "onnxruntime-native-f32": "network.onnx"}
    results = {name: measured(folder / file, image) for name, file in names.items()}
    print(json.dumps({"version": onnxruntime.__version__, "engines": results}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
