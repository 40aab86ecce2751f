#!/usr/bin/env python3
"""Compares the pixels that dbc reads from still images with what is expected of them; mostly that is what Pillow reads.

usage: check_pixels.py PICTURE-DUMP     (launch/check-pillow runs it)
"""
import io, json, os, subprocess, sys, tempfile
import numpy as np
import cases


def dumped(program, paths, *options):
    """What the program reads from files: per file, a list of (header, samples), or the text of an error."""
    output = io.BytesIO(subprocess.run([program, *options, *paths], check=True, stdout=subprocess.PIPE).stdout)
    for _ in paths:
        line = json.loads(output.readline())
        if "error" in line:
            yield line["error"]
            continue
        pages = []
        for page in line["pages"]:
            shape = page["height"], page["width"], page["channels"]
            kind = np.dtype(np.uint8 if page["type"] == "uint8" else np.float32)
            samples = np.frombuffer(output.read(int(np.prod(shape)) * kind.itemsize), kind).reshape(shape)
            pages.append((page, samples))
        yield pages


def fault(case, pages):
    """What is wrong, or None."""
    if isinstance(pages, str):
        return pages
    if len(pages) != len(case.pages):
        return f"{len(pages)} pages, expected {len(case.pages)}"
    for number, ((header, samples), expected) in enumerate(zip(pages, case.pages), 1):
        if samples.shape != expected.shape:
            return f"page {number} is {samples.shape}, expected {expected.shape}"
        if header["orientation"] != case.orientation:
            return f"orientation {header['orientation']}, expected {case.orientation}"
        if header["hasAlpha"] != (header["channels"] % 2 == 0):
            return "alpha"
        if case.type and header["type"] != case.type:
            return f"type {header['type']}, expected {case.type}"
        if case.remarks is not None and header["remarks"] != case.remarks:
            return f"remarks {header['remarks']}, expected {case.remarks}"
        a, b = samples.astype(np.float64), expected.astype(np.float64)
        if not np.all((np.abs(a - b) <= case.tolerance) | (np.isnan(a) & np.isnan(b)) | (a == b)):
            bad = np.argwhere(~(np.abs(a - b) <= case.tolerance))
            return f"page {number}: {len(bad)} samples of {a.size} differ, first {bad[0]}: {a[tuple(bad[0])]}, expected {b[tuple(bad[0])]}"
    return None


def scaled_jpegs(program, folder):
    """JPEGs at fractions of their size have at least what was asked for, and show the same as at full size."""
    bad = 0
    for w, h, need, expected in [(130, 67, (16, 8), (17, 9)), (130, 67, (17, 10), (33, 17)), (130, 67, (66, 1), (130, 67)),
                                 (130, 67, (65, 34), (65, 34)), (8, 8, (1, 1), (1, 1))]:
        path = os.path.join(folder, "scaled.jpg")
        image = cases.picture("RGB", w, h)
        image.save(path, quality=95, subsampling=0)
        pages = next(dumped(program, [path], "--at-least", *map(str, need)))
        found = pages[0][1]
        part = -(-w // expected[0])
        padded = np.pad(np.asarray(image).astype(float), ((0, -h % part), (0, -w % part), (0, 0)), "edge")
        small = padded.reshape(expected[1], part, expected[0], part, 3).mean((1, 3))
        if found.shape != (expected[1], expected[0], 3) or np.abs(found - small).mean() > 6:
            print(f"scaled {w}x{h} for {need}: {found.shape}, expected {expected}")
            bad += 1
    return bad


def main(program):
    bad = total = 0
    with tempfile.TemporaryDirectory() as folder:
        for kind, make in cases.ALL.items():
            found = list(make())
            paths = [os.path.join(folder, f"{kind}-{number}-{os.path.basename(case.name)}") for number, case in enumerate(found)]
            for path, case in zip(paths, found):
                with open(path, "wb") as file:
                    file.write(case.data)
            wrong = 0
            for case, pages in zip(found, dumped(program, paths)):
                text = fault(case, pages)
                if text:
                    print(f"{case.name}: {text}")
                    wrong += 1
            print(f"{kind}: {len(found) - wrong} of {len(found)} files have the expected pixels")
            bad, total = bad + wrong, total + len(found)
        bad += scaled_jpegs(program, folder)
    print(f"{'failed' if bad else 'passed'}: {total} files, {bad} wrong")
    return 1 if bad else 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1]))
