"""Draws small frames and has other people's encoders compress them: tests/golden/compressed.json.

    pip install numpy imagecodecs==2026.3.6
    python tests/golden/compressed.py

Every frame has its transfer syntax, what its DICOM header says of it, the bytes in hexadecimal, and the
numbers that it stands for: those drawn where nothing is lost, else what another decoder makes of them
(libjpeg-turbo, CharLS, OpenJPEG).
"""
import json
import pathlib
import struct

import imagecodecs
import numpy as np
from drawn import uniform

ROWS, COLUMNS = 21, 17
JPEG, EXTENDED, LOSSLESS, FIRST = (f"1.2.840.10008.1.2.4.{n}" for n in (50, 51, 57, 70))
LS, NEAR, J2K, J2K_LOSSY = (f"1.2.840.10008.1.2.4.{n}" for n in (80, 81, 90, 91))
HTJ2K = "1.2.840.10008.1.2.4.201"


def head(bits, signed=False):
    """Air, skull and brain with noise, over the whole range of so many bits."""
    y, x = np.mgrid[-1 : 1 : ROWS * 1j, -1 : 1 : COLUMNS * 1j]
    radius = np.hypot(x / 0.7, y / 0.85)
    levels = np.where(radius < 0.85, 0.5, np.where(radius < 1, 1.0, 0.0))
    levels = levels + 0.05 * uniform(bits, ROWS * COLUMNS).reshape(ROWS, COLUMNS)
    numbers = np.rint(np.clip(levels, 0, 1) * (2**bits - 1)).astype(np.int32)
    return numbers - 2 ** (bits - 1) if signed else numbers


def colours():
    """Three samples that are far from grey."""
    grey = head(8)
    return np.stack([grey, 255 - grey, np.roll(grey, 5, axis=1) // 2], axis=2)


def stored(numbers, bits):
    return numbers.astype(("i" if numbers.min() < 0 else "u") + ("1" if bits <= 8 else "2"))


def jpeg_frames():
    grey = stored(head(8), 8)
    jpeg = imagecodecs.jpeg8_encode(grey, level=90)
    yield "jpeg", JPEG, 8, jpeg, imagecodecs.jpeg8_decode(jpeg)
    deep = imagecodecs.jpeg8_encode(stored(head(12), 12), level=90, bitspersample=12)
    yield "jpeg-12", EXTENDED, 12, deep, imagecodecs.jpeg8_decode(deep)
    for bits in (7, 8, 12, 16):
        numbers = head(bits)
        packed = imagecodecs.jpeg8_encode(
            stored(numbers, bits), lossless=True, predictor=1 + bits % 7, bitspersample=bits
        )
        yield f"jpeg-lossless-{bits}", LOSSLESS, bits, packed, numbers
    rgb = colours().astype("u1")
    # Adobe's marker says that nothing was turned.
    packed = imagecodecs.jpeg8_encode(
        rgb, level=95, colorspace="rgb", outcolorspace="rgb", subsampling="444"
    )
    yield "jpeg-rgb", JPEG, 8, packed, imagecodecs.jpeg8_decode(packed)
    # JFIF: luma and two differences.
    packed = imagecodecs.jpeg8_encode(rgb, level=95, subsampling="444")
    luma = imagecodecs.jpeg8_decode(packed, outcolorspace="ycbcr")
    yield "jpeg-ycc", JPEG, 8, packed, luma
    # The same without a marker that would tell.
    bare = packed[:2] + packed[4 + struct.unpack(">H", packed[4:6])[0] :]
    yield "jpeg-bare", JPEG, 8, bare, luma
    packed = imagecodecs.jpeg8_encode(rgb, lossless=True, predictor=1, colorspace="rgb", outcolorspace="rgb")
    yield "jpeg-lossless-rgb", LOSSLESS, 8, packed, colours()


def jpeg_ls_frames():
    for bits in (8, 12, 16):
        numbers = head(bits)
        yield f"jpeg-ls-{bits}", LS, bits, imagecodecs.jpegls_encode(stored(numbers, bits)), numbers
    near = imagecodecs.jpegls_encode(stored(head(12), 12), level=3)
    yield "jpeg-ls-near", NEAR, 12, near, imagecodecs.jpegls_decode(near)
    yield "jpeg-ls-rgb", LS, 8, imagecodecs.jpegls_encode(colours().astype("u1")), colours()


def jpeg_2000_frames():
    def packed(numbers, bits, **options):
        return imagecodecs.jpeg2k_encode(
            stored(numbers, bits), bitspersample=bits, codecformat="j2k", **options
        )

    for bits, signed in ((8, False), (8, True), (12, False), (12, True), (16, False), (16, True)):
        numbers = head(bits, signed)
        name = f"jpeg-2000-{bits}{'-signed' if signed else ''}"
        yield name, J2K, bits, packed(numbers, bits, reversible=True, resolutions=3), numbers
    # So coarse that what comes out would leave its range.
    for signed in (False, True):
        lossy = packed(head(12, signed), 12, reversible=False, level=30)
        name = f"jpeg-2000-lossy{'-signed' if signed else ''}"
        yield name, J2K_LOSSY, 12, lossy, imagecodecs.jpeg2k_decode(lossy)
    turned = packed(colours(), 8, reversible=True, mct=True, resolutions=2)
    yield "jpeg-2000-rgb", J2K, 8, turned, colours()
    alpha = np.stack([head(8), 255 - head(8)], axis=2)
    yield "jpeg-2000-alpha", J2K, 8, packed(alpha, 8, reversible=True, resolutions=2), alpha
    indices = packed(head(7), 8, reversible=True, resolutions=2)
    yield "jpeg-2000-palette", J2K, 8, in_boxes(indices, palette(3)), head(7)
    yield "jpeg-2000-boxes", J2K, 8, in_boxes(indices, b""), head(7)
    numbers = head(12)
    high = imagecodecs.htj2k_encode(stored(numbers, 12), reversible=True)
    yield "htj2k", HTJ2K, 12, high, numbers


def box(name, content):
    return struct.pack(">I", 8 + len(content)) + name + content


def palette(columns):
    """128 entries of so many channels, and which channel each is."""
    entries = b"".join(bytes([2 * i] * columns) for i in range(128))
    mapping = b"".join(struct.pack(">HBB", 0, 1, i) for i in range(columns))
    return box(b"pclr", struct.pack(">HB", 128, columns) + b"\7" * columns + entries) + box(b"cmap", mapping)


def in_boxes(codestream, more):
    """A JP2 file, which DICOM does not want and some write all the same."""
    header = box(b"ihdr", struct.pack(">IIHBBBB", ROWS, COLUMNS, 1, 7, 7, 0, 0))
    space = 17 if not more else 16
    header += box(b"colr", struct.pack(">BBBI", 1, 0, 0, space)) + more
    start = box(b"jP  ", b"\r\n\x87\n") + box(b"ftyp", b"jp2 \0\0\0\0jp2 ")
    return start + box(b"jp2h", header) + box(b"jp2c", codestream)


def main():
    frames = {}
    for make in (jpeg_frames, jpeg_ls_frames, jpeg_2000_frames):
        for name, syntax, bits, packed, numbers in make():
            numbers = np.asarray(numbers).astype(int)
            if numbers.min() >= 0:
                # Where something is lost, numbers may leave the bits that the header has for them.
                numbers = numbers.clip(0, 2**bits - 1)
            frames[name] = {
                "syntax": syntax,
                "rows": ROWS,
                "columns": COLUMNS,
                "samples": numbers.shape[2] if numbers.ndim == 3 else 1,
                "bits": bits,
                "signed": bool(numbers.min() < 0),
                "frame": bytes(packed).hex(),
                "numbers": numbers.ravel().tolist(),
            }
    lines = ",\n".join(f"{json.dumps(k)}: {json.dumps(v, separators=(',', ':'))}" for k, v in frames.items())
    pathlib.Path(__file__).with_suffix(".json").write_text(f"{{\n{lines}\n}}\n")


if __name__ == "__main__":
    main()
