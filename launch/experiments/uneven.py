"""Makes sets whose classes have very different sizes, as IDX files SET-images and SET-labels:

  uneven.py mnist FOLDER FIRST LAST SET   of the four files of MNIST: FIRST images of one class, LAST of another, between them a
                                          geometric row; which class has which size is drawn
  uneven.py shapes N N N SET              so many discs, crosses and stripes, each somewhere near the middle, of some brightness
"""
import gzip
import random
import struct
import sys

SEED = 0


def write(path, side, images, labels):
    with open(path + "-images", "wb") as file:
        file.write(struct.pack(">IIII", 0x803, len(images), side, side) + b"".join(images))
    with open(path + "-labels", "wb") as file:
        file.write(struct.pack(">II", 0x801, len(labels)) + bytes(labels))


def mnist(folder, first, last, path):
    parts = [f"{folder}/train", f"{folder}/t10k"]
    pixels = b"".join(gzip.open(part + "-images-idx3-ubyte.gz").read()[16:] for part in parts)
    labels = b"".join(gzip.open(part + "-labels-idx1-ubyte.gz").read()[8:] for part in parts)
    draw = random.Random(SEED)
    classes = draw.sample(range(10), 10)
    chosen = []
    for place, kind in enumerate(classes):
        size = round(first * (last / first) ** (place / 9))
        of_kind = [number for number, label in enumerate(labels) if label == kind]
        if len(of_kind) < size:
            print(f"class {kind} has {len(of_kind)} images instead of {size}: all are taken", file=sys.stderr)
        chosen += draw.sample(of_kind, min(size, len(of_kind)))
    draw.shuffle(chosen)
    write(path, 28, [pixels[784 * n:784 * (n + 1)] for n in chosen], [labels[n] for n in chosen])


def shape(kind, draw, side=32):
    row, column, radius = draw.uniform(12, 20), draw.uniform(12, 20), draw.uniform(6, 9)
    light, phase = draw.uniform(150, 230), draw.randrange(8)
    pixels = []
    for y in range(side):
        for x in range(side):
            inside = ((y - row) ** 2 + (x - column) ** 2 < radius ** 2,
                      abs(y - row) < 2 or abs(x - column) < 2,
                      (y + phase) // 4 % 2 == 1)[kind]
            pixels.append(int(min(max(light * inside + 15 + draw.gauss(0, 8), 0), 255)))
    return bytes(pixels)


def shapes(sizes, path):
    draw = random.Random(SEED)
    labels = [kind for kind, size in enumerate(sizes) for _ in range(size)]
    draw.shuffle(labels)
    write(path, 32, [shape(kind, draw) for kind in labels], labels)


if sys.argv[1:2] == ["mnist"] and len(sys.argv) == 6:
    mnist(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), sys.argv[5])
elif sys.argv[1:2] == ["shapes"] and len(sys.argv) == 6:
    shapes([int(size) for size in sys.argv[2:5]], sys.argv[5])
else:
    sys.exit(__doc__)
