"""Computes tests/golden/alexnet.json: every step of AlexNet-SVM by ONNX Runtime.

    pip install numpy onnx onnxruntime && python tests/golden/alexnet.py

Weights and input are drawn (drawn.py), so that the Rust test draws the same. For every step the
mean, the root mean square and 24 values at positions spread over the flattened NCHW output.
"""
import json
import pathlib

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

from drawn import uniform

# name, filters, input channels of a group, kernel, stride, padding, groups, LRN alpha, pool
LAYERS = [
    ("conv1", 96, 3, 11, 4, 0, 1, 1.6e-3, True),
    ("conv2", 256, 48, 5, 1, 2, 2, 1e-4, True),
    ("conv3", 384, 256, 3, 1, 1, 1, None, False),
    ("conv4", 384, 192, 3, 1, 1, 2, None, False),
    ("conv5", 256, 192, 3, 1, 1, 2, None, True),
]
FC6_UNITS = 16
# conv1's weights are this much larger than He's, so that the normalisation has something to do.
CONV1_GAIN = 20.0
MEAN, STD = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]


def drawn(seed, shape, deviation):
    """Values of mean 0 and the given standard deviation."""
    return (uniform(seed, int(np.prod(shape))) * np.float32(deviation * 12**0.5)).reshape(shape)


def main():
    nodes, weights, steps, seed, last = [], {}, [], 1, "input"

    def step(op, name, inputs, **attributes):
        nodes.append(helper.make_node(op, inputs, [name], **attributes))
        steps.append(name)
        return name

    for n, (conv, filters, depth, kernel, stride, pad, groups, alpha, pool) in enumerate(LAYERS, 1):
        gain = CONV1_GAIN if n == 1 else 1.0
        deviation = gain * (2.0 / (depth * kernel * kernel)) ** 0.5
        weights[conv + ".weight"] = drawn(seed, (filters, depth, kernel, kernel), deviation)
        weights[conv + ".bias"] = drawn(seed + 1, (filters,), 0.1)
        seed += 2
        last = step("Conv", conv, [last, conv + ".weight", conv + ".bias"],
                    kernel_shape=[kernel] * 2, strides=[stride] * 2, pads=[pad] * 4, group=groups)
        last = step("Relu", f"relu{n}", [last])
        if alpha:
            last = step("LRN", f"lrn{n}", [last], size=5, alpha=alpha, beta=0.75, bias=1.0)
        if pool:
            last = step("MaxPool", f"pool{n}", [last], kernel_shape=[3, 3], strides=[2, 2])
    weights["fc6.weight"] = drawn(seed, (FC6_UNITS, 9216), (2.0 / 9216) ** 0.5)
    weights["fc6.bias"] = drawn(seed + 1, (FC6_UNITS,), 0.1)
    weights["svm.weight"] = drawn(seed + 2, (1, FC6_UNITS), 1.0)
    weights["svm.bias"] = drawn(seed + 3, (1,), 0.1)
    nodes.append(helper.make_node("Flatten", [last], ["flat"], axis=1))
    nodes.append(helper.make_node("Gemm", ["flat", "fc6.weight", "fc6.bias"], ["fc6"], transB=1))
    last = step("Relu", "fc6_relu", ["fc6"])
    step("Gemm", "margin", [last, "svm.weight", "svm.bias"], transB=1)

    floats = lambda name: helper.make_tensor_value_info(name, TensorProto.FLOAT, None)
    graph = helper.make_graph(nodes, "alexnet_svm", [floats("input")], [floats(s) for s in steps],
                              [numpy_helper.from_array(v, k) for k, v in weights.items()])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 8
    session = onnxruntime.InferenceSession(model.SerializeToString(),
                                           providers=["CPUExecutionProvider"])
    grey = np.floor((uniform(1000, 227 * 227) + 0.5) * 256).reshape(227, 227) / 255.0
    image = np.stack([(grey - m) / s for m, s in zip(MEAN, STD)])[None].astype(np.float32)
    golden = {}
    for name, value in zip(steps, session.run(steps, {"input": image})):
        flat = value.astype(np.float64).ravel()
        positions = np.linspace(0, flat.size - 1, min(24, flat.size)).astype(int)
        golden[name] = {
            "shape": list(value.shape),
            "mean": float(f"{flat.mean():.7g}"),
            "rms": float(f"{np.sqrt((flat ** 2).mean()):.7g}"),
            "positions": positions.tolist(),
            "values": [float(f"{v:.7g}") for v in flat[positions]],
        }
    path = pathlib.Path(__file__).with_name("alexnet.json")
    path.write_text(json.dumps(golden, indent=1) + "\n")


main()
