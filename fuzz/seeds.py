"""Draws the files that fuzzing starts from: fuzz/corpus/TARGET/seed-*.

    pip install numpy pillow pydicom pylibjpeg pylibjpeg-openjpeg pyjpegls python-gdcm
    python fuzz/seeds.py

All of them are small, and none comes from a data set.
"""

import io
import json
import struct
import zipfile
from pathlib import Path

import gdcm
import numpy as np
import pydicom
from PIL import Image
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.sequence import Sequence
from pydicom.uid import UID

CORPUS = Path(__file__).parent / "corpus"
SIDE = 32


def keep(target, name, data):
    folder = CORPUS / target
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"seed-{name}").write_bytes(data)


def head(side=SIDE):
    """A phantom in Hounsfield units: air, skull, brain, a bleeding."""
    y, x = np.mgrid[-1 : 1 : side * 1j, -1 : 1 : side * 1j]
    radius = np.hypot(x / 0.7, y / 0.85)
    hu = np.where(radius < 0.85, 35, np.where(radius < 1, 900, -1000))
    hu[(np.hypot(x - 0.2, y) < 0.2)] = 70
    return hu.astype(np.int16)


def grey(side=SIDE):
    return np.clip(head(side) * 255 / 80, 0, 255).astype(np.uint8)


def pictures():
    """The same picture as each format and kind of pixel."""

    def saved(name, image, **options):
        out = io.BytesIO()
        image.save(out, **options)
        return name, out.getvalue()

    plain = Image.fromarray(grey())
    deep = Image.fromarray((grey().astype(np.uint16) * 257))
    yield saved("grey.png", plain, format="PNG")
    yield saved("deep.png", deep, format="PNG")
    yield saved("palette.png", plain.convert("P"), format="PNG")
    yield saved("bits.png", plain.convert("1"), format="PNG")
    yield saved("alpha.png", plain.convert("RGBA"), format="PNG")
    yield saved("grey-alpha.png", plain.convert("LA"), format="PNG")
    yield saved("grey.jpg", plain, format="JPEG")
    yield saved("colour.jpg", plain.convert("RGB"), format="JPEG", subsampling=2)
    yield saved("progressive.jpg", plain.convert("RGB"), format="JPEG", progressive=True)
    yield saved("cmyk.jpg", plain.convert("CMYK"), format="JPEG")
    turned = Image.Exif()
    turned[0x0112] = 6
    yield saved("turned.jpg", plain, format="JPEG", exif=turned)
    yield saved("lossy.webp", plain.convert("RGB"), format="WEBP")
    yield saved("lossless.webp", plain.convert("RGBA"), format="WEBP", lossless=True)
    yield saved("grey.bmp", plain, format="BMP")
    yield saved("colour.bmp", plain.convert("RGB"), format="BMP")
    yield saved("plain.tiff", plain, format="TIFF")
    yield saved("deep.tiff", deep, format="TIFF")
    for packing in ("tiff_lzw", "packbits", "tiff_adobe_deflate", "jpeg"):
        kind = plain.convert("RGB") if packing == "jpeg" else plain
        yield saved(f"{packing}.tiff", kind, format="TIFF", compression=packing)


def slice_of(values, **changes):
    """A CT image of stored numbers, frame by frame."""
    data = Dataset()
    data.SOPClassUID = "1.2.840.10008.5.1.4.1.1.2"
    data.SOPInstanceUID = "1.2.3"
    data.StudyInstanceUID, data.SeriesInstanceUID = "1.2.4", "1.2.5"
    data.Modality, data.BodyPartExamined = "CT", "HEAD"
    data.ConvolutionKernel, data.SeriesNumber, data.InstanceNumber = "H31s", 2, 7
    data.SliceThickness = "5"
    data.ImagePositionPatient, data.ImageOrientationPatient = [0, 0, 5], [1, 0, 0, 0, 1, 0]
    data.PixelSpacing = [0.5, 0.5]
    data.Rows, data.Columns = values.shape[-2:]
    data.SamplesPerPixel, data.PhotometricInterpretation = 1, "MONOCHROME2"
    data.BitsAllocated, data.BitsStored, data.HighBit = 16, 12, 11
    data.PixelRepresentation = 0
    data.RescaleIntercept, data.RescaleSlope = "-1024", "1"
    data.PixelData = values.astype("<u2").tobytes()
    for name, value in changes.items():
        setattr(data, name, value)
    return data


def written(data, syntax="1.2.840.10008.1.2.1"):
    """The file without its preamble and magic word, which the target puts before it."""
    out = io.BytesIO()
    data.file_meta = FileMetaDataset()
    data.file_meta.TransferSyntaxUID = UID(syntax)
    pydicom.dcmwrite(out, data, enforce_file_format=True)
    return out.getvalue()[132:]


def by_gdcm(data, syntax):
    """A file as GDCM compresses it, for what pydicom does not write."""
    source, result = "/tmp/haemolens-seed.dcm", "/tmp/haemolens-seed-packed.dcm"
    data.file_meta = FileMetaDataset()
    data.file_meta.TransferSyntaxUID = UID("1.2.840.10008.1.2.1")
    pydicom.dcmwrite(source, data, enforce_file_format=True)
    reader = gdcm.ImageReader()
    reader.SetFileName(source)
    assert reader.Read()
    change = gdcm.ImageChangeTransferSyntax()
    change.SetTransferSyntax(gdcm.TransferSyntax(syntax))
    change.SetInput(reader.GetImage())
    assert change.Change()
    writer = gdcm.ImageWriter()
    writer.SetFileName(result)
    writer.SetFile(reader.GetFile())
    writer.SetImage(change.GetOutput())
    assert writer.Write()
    return Path(result).read_bytes()[132:]


def dicom_files():
    stored = (head() + 1024).astype(np.uint16)
    yield "explicit", written(slice_of(stored))
    yield "implicit", written(slice_of(stored), "1.2.840.10008.1.2")
    yield "big-endian", written(
        slice_of(stored, PixelData=stored.astype(">u2").tobytes()), "1.2.840.10008.1.2.2"
    )
    yield "deflated", written(slice_of(stored), "1.2.840.10008.1.2.1.99")
    signed = head().astype("<i2").tobytes()
    yield "signed", written(
        slice_of(
            stored,
            PixelData=signed,
            PixelRepresentation=1,
            BitsStored=16,
            HighBit=15,
            RescaleIntercept="0",
            PixelPaddingValue=-1000,
            PixelSpacing=[1.0, 0.5],
        )
    )
    eight = dict(BitsAllocated=8, BitsStored=8, HighBit=7, ConversionType="WSD")
    yield "captured", written(
        slice_of(stored, PixelData=grey().tobytes(), PhotometricInterpretation="MONOCHROME1", **eight)
    )
    rgb = np.repeat(grey()[..., None], 3, axis=2)
    colour = dict(SamplesPerPixel=3, PhotometricInterpretation="RGB", PlanarConfiguration=1, **eight)
    yield "colour", written(
        slice_of(stored, PixelData=rgb.transpose(2, 0, 1).tobytes(), **colour)
    )
    out = io.BytesIO()
    Image.fromarray(grey()).save(out, format="JPEG")
    yield "jpeg-baseline", written(
        slice_of(stored, PixelData=encapsulate([out.getvalue()]), **eight), "1.2.840.10008.1.2.4.50"
    )
    for name, syntax in (
        ("rle", "1.2.840.10008.1.2.5"),
        ("jpeg-ls", "1.2.840.10008.1.2.4.80"),
        ("jpeg-2000", "1.2.840.10008.1.2.4.90"),
    ):
        data = slice_of(stored)
        data.file_meta = FileMetaDataset()
        data.file_meta.TransferSyntaxUID = UID("1.2.840.10008.1.2.1")
        data.compress(UID(syntax), generate_instance_uid=False)
        yield name, written(data, syntax)
    near = slice_of(stored)
    near.file_meta = FileMetaDataset()
    near.file_meta.TransferSyntaxUID = UID("1.2.840.10008.1.2.1")
    near.compress(UID("1.2.840.10008.1.2.4.81"), jls_error=3, generate_instance_uid=False)
    yield "jpeg-ls-near", written(near, "1.2.840.10008.1.2.4.81")
    yield "jpeg-lossless", by_gdcm(slice_of(stored), gdcm.TransferSyntax.JPEGLosslessProcess14_1)
    yield "jpeg-2000-lossy", by_gdcm(slice_of(stored), gdcm.TransferSyntax.JPEG2000)
    frames = np.stack([stored, stored[::-1]])
    yield "frames", written(slice_of(frames, NumberOfFrames="2"))
    yield "enhanced", written(enhanced(frames))
    index = slice_of(stored)
    del index.PixelData
    index.DirectoryRecordSequence = Sequence([Dataset()])
    yield "index", written(index)


def enhanced(frames):
    """Frames with functional groups of their own."""
    data = slice_of(frames, NumberOfFrames="2")
    for name in ("ImagePositionPatient", "ImageOrientationPatient", "PixelSpacing"):
        delattr(data, name)
    for name in ("SliceThickness", "ConvolutionKernel", "RescaleSlope", "RescaleIntercept"):
        delattr(data, name)

    def group(**elements):
        item = Dataset()
        for name, value in elements.items():
            setattr(item, name, value)
        return Sequence([item])

    shared = Dataset()
    shared.PlaneOrientationSequence = group(ImageOrientationPatient=[1, 0, 0, 0, 1, 0])
    shared.PixelMeasuresSequence = group(PixelSpacing=[0.5, 0.5], SliceThickness="5")
    shared.CTReconstructionSequence = group(ConvolutionKernel="FC21")
    shared.PixelValueTransformationSequence = group(RescaleSlope="1", RescaleIntercept="-1024")
    data.SharedFunctionalGroupsSequence = Sequence([shared])
    own = []
    for position in (10, 5):
        item = Dataset()
        item.PlanePositionSequence = group(ImagePositionPatient=[0, 0, position])
        own.append(item)
    data.PerFrameFunctionalGroupsSequence = Sequence(own)
    return data


def archives(pictures, dicoms):
    """The archives without the four bytes that the target puts before them."""
    chosen = {"DICOM/IM0001": b"\0" * 128 + b"DICM" + dicoms["explicit"], "a.png": pictures["grey.png"]}
    for name, packing in (("stored", zipfile.ZIP_STORED), ("deflated", zipfile.ZIP_DEFLATED)):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", packing) as archive:
            archive.writestr("DICOMDIR", b"index")
            archive.writestr("README.TXT", b"viewer")
            for path, data in chosen.items():
                archive.writestr(path, data)
        yield name, out.getvalue()[4:]
    nested = io.BytesIO()
    with zipfile.ZipFile(nested, "w") as archive:
        archive.writestr("inner.zip", out.getvalue())
    yield "nested", nested.getvalue()[4:]


def models():
    """Networks of a few units: one with all that a convolution may have, one as plain as can be."""
    rng = np.random.default_rng(1)
    lrn = {"size": 5, "alpha": 1e-4, "beta": 0.75, "k": 1.0}
    plain = {"kernel": 3, "stride": 1, "padding": 1, "groups": 1, "lrn": None, "pool": None}
    pool = {"size": 3, "stride": 2}
    full = [
        dict(plain, name="conv1", filters=4, kernel=5, stride=2, padding=0, lrn=lrn, pool=pool),
        dict(plain, name="conv2", filters=4, groups=2),
    ]
    yield "rich", model(rng, 24, full, [("fc1", 6), ("fc2", 3)])
    yield "plain", model(rng, 8, [dict(plain, name="conv1", filters=2)], [("fc1", 3)])
    yield "sparse", model(rng, 8, [dict(plain, name="conv1", filters=2)], [("fc1", 3)], sparse=True)


def model(rng, side, convs, linears, sparse=False):
    tensors, channels, at = {}, 1, side
    for conv in convs:
        name, filters, kernel = conv["name"], conv["filters"], conv["kernel"]
        shape = (filters, channels // conv["groups"], kernel, kernel)
        tensors[f"{name}.weight"] = rng.integers(-127, 127, shape).astype(np.int8)
        for part, value in (("weight_scale", 1e-3), ("bias", 0.1), ("output_scale", 0.1)):
            tensors[f"{name}.{part}"] = np.full(filters, value, np.float32)
        at = (at + 2 * conv["padding"] - kernel) // conv["stride"] + 1
        if conv["pool"]:
            at = (at - conv["pool"]["size"]) // conv["pool"]["stride"] + 1
        channels = filters
    inputs = at * at * channels
    for i, (name, units) in enumerate(linears):
        weight = rng.integers(-127, 127, (units, inputs)).astype(np.int8)
        tensors[f"{name}.weight"] = weight
        if sparse:
            weight[rng.random(weight.shape) < 0.9] = 0
            rows, columns = np.nonzero(weight)
            tensors[f"{name}.weight"] = weight[rows, columns]
            tensors[f"{name}.column"] = columns.astype(np.uint32)
            starts = np.concatenate([[0], np.cumsum((weight != 0).sum(axis=1))])
            tensors[f"{name}.start"] = starts.astype(np.uint32)
        parts = [("weight_scale", 1e-3), ("bias", 0.1)]
        parts += [("output_scale", 0.1)] if i + 1 < len(linears) else []
        for part, value in parts:
            tensors[f"{name}.{part}"] = np.full(units, value, np.float32)
        inputs = units
    for plane in ("haemorrhage", "normal"):
        tensors[f"{plane}.weight"] = rng.normal(size=inputs).astype(np.float32)
        tensors[f"{plane}.bias"] = np.zeros(1, np.float32)
    platt = {"slope": -1.0, "offset": 0.0}
    facts = {
        "format": 3,
        "card": {k: "" for k in ("name", "version", "licence", "data", "protocol")} | {"figures": {}},
        "architecture": {
            "input_side": side,
            "convs": convs,
            "linears": [{"name": name, "units": units} for name, units in linears],
        },
        "preprocessing": {"side": side, "headThreshold": 60},
        "calibration": {
            "haemorrhage": platt,
            "normal": platt,
            "threshold": 0.0,
            "inconclusive": [-0.1, 0.1],
        },
        "sha256": "",
    }
    header, data = {"__metadata__": {"haemolens": json.dumps(facts)}}, b""
    kinds = {"int8": "I8", "uint32": "U32", "float32": "F32"}
    for name, values in sorted(tensors.items(), key=lambda item: -item[1].itemsize):
        kind = kinds[values.dtype.name]
        end = len(data) + values.nbytes
        header[name] = {"dtype": kind, "shape": values.shape, "data_offsets": [len(data), end]}
        data += values.tobytes()
    text = json.dumps(header, separators=(",", ":"))
    text += " " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text.encode() + data


def fragments():
    """What the target of runs reads: rows, columns, bytes less one, samples, then a fragment."""
    stored = (head(12) + 1024).astype(np.uint16)
    data = slice_of(stored)
    data.file_meta = FileMetaDataset()
    data.file_meta.TransferSyntaxUID = UID("1.2.840.10008.1.2.1")
    data.compress(UID("1.2.840.10008.1.2.5"), generate_instance_uid=False)
    fragment = next(pydicom.encaps.generate_frames(data.PixelData, number_of_frames=1))
    yield "grey", bytes([12, 12, 1, 0]) + fragment


def main():
    drawn, files = dict(pictures()), dict(dicom_files())
    everything = {
        "raster": drawn,
        "dicom": files,
        "rle": dict(fragments()),
        "archive": dict(archives(drawn, files)),
        "model": dict(models()),
        "preprocess": {
            "head": struct.pack("<H", 40) + grey(40).tobytes(),
            "line": struct.pack("<H", 500) + bytes(range(250)) * 6,
            "point": struct.pack("<H", 1) + b"\xff",
        },
    }
    for target, seeds in everything.items():
        for name, data in seeds.items():
            keep(target, name, data)


main()
