#!/usr/bin/env python3
"""Runs the shell commands of the documentation: the blocks whose fence says "sh run", as they stand there.

    check_commands.py FOLDER PAGE…     FOLDER is the project's, with its programs built

The blocks of a page run one after another in a folder of their own that looks like the project's, with pictures in photos/ and new/, an array
images.npy and labels in classes.csv. Lines that build are left out.
"""
import os
import struct
import subprocess
import sys
import tempfile
import zlib

import numpy

from blocks import blocks


def commands(path):
    """The blocks of a page, each as one text."""
    return ["".join(line for line in block.splitlines(True) if not line.startswith("swift build"))
            for block in blocks(path, "sh").values()]


def write_png(path, pixels):
    """A colour picture, [rows][columns][3]."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    rows = b"".join(b"\0" + row.tobytes() for row in pixels)
    header = struct.pack(">IIBBBBB", pixels.shape[1], pixels.shape[0], 8, 2, 0, 0, 0)
    with open(path, "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def pictures(count):
    """Squares of four sizes in five colours on noise, and the kinds."""
    random = numpy.random.default_rng(2)
    images = random.integers(0, 60, (count, 24, 24, 3))
    kinds = numpy.arange(count) % 20
    for image, kind in zip(images, kinds):
        x, y = random.integers(1, 6, 2)
        side = 4 + 4 * (kind % 4)
        image[y:y + side, x:x + side] += [(180, 0, 0), (0, 180, 0), (0, 0, 180), (150, 150, 0), (150, 150, 150)][kind // 4]
    return images.astype(numpy.uint8), kinds


def prepare(folder, project):
    for name in ("launch", ".build", "hostfiles"):
        os.symlink(os.path.join(project, name), os.path.join(folder, name))
    images, kinds = pictures(320)
    numpy.save(os.path.join(folder, "images.npy"), images)
    os.mkdir(os.path.join(folder, "photos"))
    os.mkdir(os.path.join(folder, "new"))
    with open(os.path.join(folder, "classes.csv"), "w", encoding="utf-8") as file:
        file.write("path,label\n")
        for number, (image, kind) in enumerate(zip(images[:300], kinds)):
            write_png(os.path.join(folder, f"photos/{number:03}.png"), image)
            file.write(f"{number:03}.png,kind {kind}\n")
    for number, image in enumerate(images[300:]):
        write_png(os.path.join(folder, f"new/{number:03}.png"), image)


def main():
    project, pages = os.path.abspath(sys.argv[1]), sys.argv[2:]
    failed = 0
    for page in pages:
        blocks = commands(os.path.join(project, page))
        if not blocks:
            print(f"  {page}: no block is to be run")
            failed += 1
        with tempfile.TemporaryDirectory() as folder:
            prepare(folder, project)
            for number, block in enumerate(blocks, 1):
                # A page says once where the programs are.
                start = f'set -e; export PATH="{project}/.build/release:$PATH"; . launch/env.sh\n'
                result = subprocess.run(["bash", "-c", start + block], cwd=folder, capture_output=True, text=True, errors="replace")
                print(f"  {page}, block {number} of {len(blocks)}: {'runs' if result.returncode == 0 else 'FAILS'}")
                if result.returncode != 0:
                    print(result.stdout[-3000:] + result.stderr[-3000:])
                    failed += 1
                    break
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
