"""Computes tests/golden/lossy_dicom.json: what OpenJPEG and CharLS make of NEMA's lossy samples.

    pip install numpy pydicom pylibjpeg pylibjpeg-openjpeg pyjpegls
    python tests/golden/lossy_dicom.py ../shared/data/dicom/nema-wg04

For every file the sum of all stored numbers and some of them, spread over the image.
"""
import json
import pathlib
import sys

import numpy as np
import pydicom

FILES = {
    "CT1_J2KI": "pylibjpeg",
    "CT2_J2KI": "pylibjpeg",
    "CT1_JLSN": "pyjpegls",
    "CT2_JLSN": "pyjpegls",
}
VALUES = 300


def main(folder):
    golden = {}
    for name, decoder in FILES.items():
        file = pydicom.dcmread(folder / f"{name}.dcm")
        file.pixel_array_options(decoding_plugin=decoder)
        numbers = file.pixel_array.astype(np.int64).ravel()
        step = numbers.size // VALUES
        golden[name] = {
            "decoder": {"pylibjpeg": "OpenJPEG", "pyjpegls": "CharLS"}[decoder],
            "sum": int(numbers.sum()),
            "step": step,
            "values": [int(v) for v in numbers[::step]],
        }
    path = pathlib.Path(__file__).with_suffix(".json")
    path.write_text(json.dumps(golden) + "\n")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
