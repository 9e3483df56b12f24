"""Draws AlexNet-SVM with its full FC6 of 4096 units (the paper's, two groups in conv2, conv4 and
conv5), with seeded random weights, in the form that each engine reads:

    network.onnx            f32
    network-int8.onnx       quantised by ONNX Runtime (QDQ, u8 activations, s8 weights)
    network-no-lrn.onnx     f32 without LRN, which rten does not have
    weights.bin             f32, layer by layer, OIHW and unit by unit (candle)
    weights-hwio.bin        f32, HWIO and input by input, units reading row, column, channel (tfjs)
    haemolens-full.safetensors  int8, this project's format
    image.bmp, input.bin, input-hwc.bin   one image, and what it is for f32 engines
    margin.json             the f32 margin, for comparison
    study/                  forty slices as grey JPEG files of 650×650 pixels, for the page

Run it as: python draw.py EMBEDDED_MODEL FOLDER. The embedded model lends its calibration alone.
"""

import hashlib
import json
import struct
import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import (
    CalibrationDataReader,
    QuantFormat,
    QuantType,
    quantize_static,
)
from PIL import Image

SEED = 20200429
SIDE = 227
UNITS = 4096
SLICES = 40
LRN = {"size": 5, "alpha": 1e-4, "beta": 0.75, "k": 1.0}
MEAN = np.array([0.485, 0.456, 0.406], np.float32)
DEVIATION = np.array([0.229, 0.224, 0.225], np.float32)
# name, filters, channels of a group, kernel, stride, padding, groups, LRN, pooling
CONVS = [
    ("conv1", 96, 3, 11, 4, 0, 1, True, True),
    ("conv2", 256, 48, 5, 1, 2, 2, True, True),
    ("conv3", 384, 256, 3, 1, 1, 1, False, False),
    ("conv4", 384, 192, 3, 1, 1, 2, False, False),
    ("conv5", 256, 192, 3, 1, 1, 2, False, True),
]


def drawn_weights(rng):
    """Weights that keep activations near one (He et al. 2015)."""
    weights = {}
    for name, filters, depth, kernel, *_ in CONVS:
        fan = depth * kernel * kernel
        shape = (filters, depth, kernel, kernel)
        weights[f"{name}.weight"] = rng.normal(0, (2 / fan) ** 0.5, shape).astype(np.float32)
        weights[f"{name}.bias"] = rng.normal(0, 0.05, filters).astype(np.float32)
    weights["fc6.weight"] = rng.normal(0, (2 / 9216) ** 0.5, (UNITS, 9216)).astype(np.float32)
    weights["fc6.bias"] = rng.normal(0, 0.05, UNITS).astype(np.float32)
    weights["svm.weight"] = rng.normal(0, UNITS**-0.5, (1, UNITS)).astype(np.float32)
    weights["svm.bias"] = np.zeros(1, np.float32)
    return weights


def drawn_image(rng):
    """Grey levels with large and small structure."""
    coarse = np.kron(rng.normal(0, 45, (29, 29)), np.ones((8, 8)))[:SIDE, :SIDE]
    return np.clip(coarse + rng.normal(120, 15, (SIDE, SIDE)), 0, 255).astype(np.uint8)


def drawn_slice(rng, side=650):
    """A head of the size that CT has: skull, brain with its grain, black around."""
    y, x = np.mgrid[-1 : 1 : side * 1j, -1 : 1 : side * 1j]
    radius = np.hypot(x / 0.62, y / 0.78)
    brain = 120 + 12 * np.sin(9 * x) * np.cos(7 * y) + rng.normal(0, 6, (side, side))
    grey = np.where(radius < 0.92, brain, np.where(radius < 1, 250, 0))
    return np.clip(grey, 0, 255).astype(np.uint8)


def as_input(grey):
    """Grey copied to three channels and normalised as ImageNet's images are: 1×3×S×S."""
    channels = (grey[None] / np.float32(255) - MEAN[:, None, None]) / DEVIATION[:, None, None]
    return channels[None].astype(np.float32)


def graph(weights, lrn=True):
    nodes, x = [], "input"
    for name, _, _, kernel, stride, padding, groups, normalised, pooled in CONVS:
        nodes.append(
            helper.make_node(
                "Conv",
                [x, f"{name}.weight", f"{name}.bias"],
                [name],
                kernel_shape=[kernel] * 2,
                strides=[stride] * 2,
                pads=[padding] * 4,
                group=groups,
            )
        )
        nodes.append(helper.make_node("Relu", [name], [f"{name}.relu"]))
        x = f"{name}.relu"
        if normalised and lrn:
            settings = dict(size=LRN["size"], alpha=LRN["alpha"], beta=LRN["beta"], bias=LRN["k"])
            nodes.append(helper.make_node("LRN", [x], [f"{name}.lrn"], **settings))
            x = f"{name}.lrn"
        if pooled:
            windows = dict(kernel_shape=[3, 3], strides=[2, 2])
            nodes.append(helper.make_node("MaxPool", [x], [f"{name}.pool"], **windows))
            x = f"{name}.pool"
    nodes += [
        helper.make_node("Flatten", [x], ["flat"]),
        helper.make_node("Gemm", ["flat", "fc6.weight", "fc6.bias"], ["fc6"], transB=1),
        helper.make_node("Relu", ["fc6"], ["units"]),
        helper.make_node("Gemm", ["units", "svm.weight", "svm.bias"], ["margin"], transB=1),
    ]
    value = helper.make_tensor_value_info
    made = helper.make_graph(
        nodes,
        "alexnet-svm",
        [value("input", TensorProto.FLOAT, [1, 3, SIDE, SIDE])],
        [value("margin", TensorProto.FLOAT, [1, 1])],
        [numpy_helper.from_array(v, k) for k, v in weights.items()],
    )
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 8
    onnx.checker.check_model(model)
    return model


class Images(CalibrationDataReader):
    """Images that activations are scaled by."""

    def __init__(self, images):
        self.left = iter([{"input": image} for image in images])

    def get_next(self):
        return next(self.left, None)


def largest_activations(model, images):
    """The largest value of each channel of what each layer hands on, over the images."""
    with_outputs = onnx.ModelProto()
    with_outputs.CopyFrom(model)
    last = {}
    for name, *_, normalised, _ in CONVS:
        last[name] = f"{name}.lrn" if normalised else f"{name}.relu"
        with_outputs.graph.output.append(onnx.ValueInfoProto(name=last[name]))
    session = onnxruntime.InferenceSession(with_outputs.SerializeToString())
    largest = {name: 0.0 for name in last}
    for image in images:
        outputs = session.run(list(last.values()), {"input": image})
        for name, output in zip(last, outputs):
            largest[name] = np.maximum(largest[name], output.max(axis=(0, 2, 3)))
    return largest


def rounded(rows):
    """Signed bytes and a scale for each row of a matrix."""
    scale = np.maximum(np.abs(rows).max(axis=1), 1e-12) / 127
    return np.round(rows / scale[:, None]).astype(np.int8), scale.astype(np.float32)


def stored(weights, largest, facts):
    """The tensors of this project's format (see the module `model`)."""
    tensors, steps = {}, np.full(1, 1.0)
    for name, filters, depth, kernel, _, _, groups, *_ in CONVS:
        weight, bias = weights[f"{name}.weight"], weights[f"{name}.bias"]
        if name == "conv1":
            # Three equal channels are one, which reads grey levels.
            bias = bias - (weight.sum(axis=(2, 3)) * (MEAN / DEVIATION)).sum(axis=1)
            weight = (weight / (255 * DEVIATION[None, :, None, None])).sum(axis=1, keepdims=True)
        else:
            share = filters // groups
            for group in range(groups):
                rows = slice(group * share, (group + 1) * share)
                channels = steps[group * depth : (group + 1) * depth]
                weight[rows] = weight[rows] * channels[None, :, None, None]
        quantised, scale = rounded(weight.reshape(filters, -1))
        steps = np.maximum(largest[name], 1e-3) / 255
        tensors[f"{name}.weight"] = quantised.reshape(weight.shape)
        tensors[f"{name}.weight_scale"] = scale
        tensors[f"{name}.bias"] = bias.astype(np.float32)
        tensors[f"{name}.output_scale"] = steps.astype(np.float32)
    quantised, scale = rounded(weights["fc6.weight"] * np.repeat(steps, 36)[None])
    tensors["fc6.weight"], tensors["fc6.weight_scale"] = quantised, scale
    tensors["fc6.bias"] = weights["fc6.bias"]
    for plane, sign in (("haemorrhage", 1), ("normal", -1)):
        tensors[f"{plane}.weight"] = sign * weights["svm.weight"][0]
        tensors[f"{plane}.bias"] = sign * weights["svm.bias"]
    facts["card"]["name"] = "alexnet-svm-full-random"
    facts["architecture"] = {
        "input_side": SIDE,
        "convs": [
            {
                "name": name,
                "filters": filters,
                "kernel": kernel,
                "stride": stride,
                "padding": padding,
                "groups": groups,
                "lrn": LRN if normalised else None,
                "pool": {"size": 3, "stride": 2} if pooled else None,
            }
            for name, filters, _, kernel, stride, padding, groups, normalised, pooled in CONVS
        ],
        "linears": [{"name": "fc6", "units": UNITS}],
    }
    return tensors


def read_facts(path):
    with open(path, "rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        return json.loads(json.loads(file.read(length))["__metadata__"]["haemolens"])


def write_safetensors(path, tensors, facts):
    header, offset, chunks = {}, 0, []
    # f32 first, so that all stay aligned.
    for name, values in sorted(tensors.items(), key=lambda kv: (kv[1].dtype == np.int8, kv[0])):
        data = np.ascontiguousarray(values).tobytes()
        kind = "I8" if values.dtype == np.int8 else "F32"
        header[name] = {
            "dtype": kind,
            "shape": list(values.shape),
            "data_offsets": [offset, offset + len(data)],
        }
        offset += len(data)
        chunks.append(data)
    body = b"".join(chunks)
    facts = {**facts, "sha256": hashlib.sha256(body).hexdigest()}
    header["__metadata__"] = {"haemolens": json.dumps(facts)}
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + body)


def write_bmp(path, grey):
    """An 8-bit grey BMP, rows from below."""
    row = (SIDE + 3) // 4 * 4
    pixels = np.zeros((SIDE, row), np.uint8)
    pixels[:, :SIDE] = grey[::-1]
    palette = np.repeat(np.arange(256, dtype=np.uint8)[:, None], 4, axis=1)
    palette[:, 3] = 0
    start = 54 + 1024
    head = struct.pack("<2sIHHI", b"BM", start + pixels.size, 0, 0, start)
    info = struct.pack("<IiiHHIIiiII", 40, SIDE, SIDE, 1, 8, 0, pixels.size, 2835, 2835, 256, 0)
    path.write_bytes(head + info + palette.tobytes() + pixels.tobytes())


def write_flat(path, weights, names):
    path.write_bytes(b"".join(np.ascontiguousarray(weights[name]).tobytes() for name in names))


def hwio(weights):
    turned = dict(weights)
    for name, *_ in CONVS:
        turned[f"{name}.weight"] = weights[f"{name}.weight"].transpose(2, 3, 1, 0)
    fc6 = weights["fc6.weight"].reshape(UNITS, 256, 6, 6)
    turned["fc6.weight"] = fc6.transpose(2, 3, 1, 0).reshape(9216, UNITS)
    turned["svm.weight"] = weights["svm.weight"].T
    return turned


def main(embedded, folder):
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(SEED)
    weights = drawn_weights(rng)
    greys = [drawn_image(rng) for _ in range(8)]
    images = [as_input(grey) for grey in greys]

    model = graph(weights)
    onnx.save(model, folder / "network.onnx")
    onnx.save(graph(weights, lrn=False), folder / "network-no-lrn.onnx")
    quantize_static(
        folder / "network.onnx",
        folder / "network-int8.onnx",
        Images(images),
        quant_format=QuantFormat.QDQ,
        activation_type=QuantType.QUInt8,
        weight_type=QuantType.QInt8,
    )
    names = list(weights)
    write_flat(folder / "weights.bin", weights, names)
    write_flat(folder / "weights-hwio.bin", hwio(weights), names)
    session = onnxruntime.InferenceSession(model.SerializeToString())
    margin = float(session.run(None, {"input": images[0]})[0][0, 0])
    (folder / "margin.json").write_text(json.dumps({"margin": margin}))

    facts = read_facts(embedded)
    copied = {name: value.copy() for name, value in weights.items()}
    tensors = stored(copied, largest_activations(model, images), facts)
    write_safetensors(folder / "haemolens-full.safetensors", tensors, facts)

    write_bmp(folder / "image.bmp", greys[0])
    (folder / "study").mkdir(exist_ok=True)
    for i in range(SLICES):
        image = Image.fromarray(drawn_slice(rng))
        image.save(folder / "study" / f"{i:02}.jpg", quality=90)
    images[0].tofile(folder / "input.bin")
    np.ascontiguousarray(images[0].transpose(0, 2, 3, 1)).tofile(folder / "input-hwc.bin")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
