"""Still image files of all formats and modes, and the pixels that are expected of them."""
import io, itertools, struct, zlib
import numpy as np
from PIL import Image, features

try:
    import tifffile
except ImportError:
    tifffile = None

g = np.random.default_rng(1)
SIZES = [(1, 1), (5, 3), (16, 16), (33, 18), (130, 67)]


def smooth(w, h, c=1, seed=0):
    y, x = np.mgrid[0:h, 0:w]
    r = np.random.default_rng(seed)
    planes = [127 + 100 * np.sin(x / (5 + i) + r.random()) * np.cos(y / (7 + i)) + r.normal(0, 6, (h, w)) for i in range(c)]
    a = np.clip(np.stack(planes, -1), 0, 255).astype(np.uint8)
    return a[..., 0] if c == 1 else a


def picture(mode, w, h, seed=0):
    c = {"L": 1, "LA": 2, "RGB": 3, "RGBA": 4, "CMYK": 4}.get(mode)
    if c:
        return Image.fromarray(smooth(w, h, c, seed).reshape((h, w) if c == 1 else (h, w, c)), mode)
    rgb = Image.fromarray(smooth(w, h, 3, seed))
    return rgb.quantize(17) if mode == "P" else rgb.convert(mode)


def shown(image):
    """What the program is to make of an image that Pillow has opened."""
    mode = image.mode
    if mode in ("1", "L", "LA", "RGB", "RGBA", "P", "CMYK", "PA", "YCbCr"):
        if "transparency" in image.info:
            mode = {"L": "LA", "1": "LA", "RGB": "RGBA", "P": "RGBA"}[mode]
        else:
            mode = {"1": "L", "P": "RGB", "PA": "RGBA", "CMYK": "RGB", "YCbCr": "RGB"}.get(mode, mode)
        image = image.convert("RGBA").convert("LA") if mode == "LA" and image.mode != "LA" else image.convert(mode)
    a = np.asarray(image)
    return a[..., None] if a.ndim == 2 else a


def saved(image, kind, **options):
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def opened(data):
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


class Case:
    def __init__(self, name, data, pages, tolerance=0, orientation=1, remarks=None, type=None):
        self.name, self.data, self.pages, self.tolerance = name, data, pages, tolerance
        self.orientation, self.remarks, self.type = orientation, remarks, type


def by_pillow(name, data, **more):
    return Case(name, data, [shown(opened(data))], **more)


def turned(n):
    exif = Image.Exif()
    exif[0x0112] = n
    return exif


def png_chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png():
    for (w, h), mode in itertools.product(SIZES, ["1", "L", "LA", "P", "RGB", "RGBA"]):
        yield by_pillow(f"{mode}-{w}x{h}.png", saved(picture(mode, w, h), "PNG"))
    w, h = 33, 18
    for mode, t in [("L", 100), ("RGB", (1, 2, 3)), ("P", 3), ("P", bytes([0, 50, 200])), ("1", 0)]:
        yield by_pillow(f"trns-{mode}-{t}.png", saved(picture(mode, w, h), "PNG", transparency=t))
    for bits in (1, 2, 4):
        yield by_pillow(f"P{bits}.png", saved(Image.fromarray(smooth(w, h, 3)).quantize(1 << bits), "PNG", bits=bits))
    a = g.integers(0, 65536, (h, w)).astype(np.uint16)
    yield Case("grey16.png", saved(Image.fromarray(a), "PNG"), [a[..., None]], type="uint16")
    for kind, c in ((2, 3), (4, 2), (6, 4)):
        a = g.integers(0, 65536, (h, w, c)).astype(np.uint16)
        rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in a)
        head = png_chunk(b"IHDR", struct.pack(">IIBBBBB", w, h, 16, kind, 0, 0, 0))
        data = b"\x89PNG\r\n\x1a\n" + head + png_chunk(b"IDAT", zlib.compress(rows)) + png_chunk(b"IEND", b"")
        yield Case(f"wide{c}.png", data, [a], type="uint16")
    rgb = picture("RGB", w, h)
    for n in range(1, 9):
        yield by_pillow(f"exif{n}.png", saved(rgb, "PNG", exif=turned(n)), orientation=n)
    late = saved(Image.fromarray(g.integers(0, 256, (300, 300, 3)).astype(np.uint8)), "PNG")
    exif = png_chunk(b"eXIf", turned(6).tobytes()[6:])
    yield by_pillow("exif-late.png", late[:-12] + exif + late[-12:], orientation=6)


def jpeg():
    for (w, h), mode in itertools.product(SIZES, ["L", "RGB", "CMYK"]):
        for options in ({}, {"progressive": True}, {"quality": 95, "subsampling": 0}):
            data = saved(picture(mode, w, h), "JPEG", **options)
            name = f"{mode}-{w}x{h}{''.join(map(str, options.values()))}.jpg"
            yield by_pillow(name, data, remarks=2 if mode == "CMYK" else 0)
    rgb = picture("RGB", 40, 30)
    for n in range(1, 9):
        yield by_pillow(f"exif{n}.jpg", saved(rgb, "JPEG", exif=turned(n)), orientation=n)
    data = saved(rgb, "JPEG")
    end = data.rindex(b"\xff\xd9")
    yield by_pillow("stray.jpg", data[:end] + b"\0\1" * 129 + data[end:], remarks=1)
    table = data.index(b"\xff\xdb")
    yield by_pillow("stray-early.jpg", data[:table] + b"\0\1\2" + data[table:], remarks=1)
    cmyk = saved(picture("CMYK", 40, 30), "JPEG")
    at = cmyk.index(b"\xff\xee")
    length = struct.unpack(">H", cmyk[at + 2:at + 4])[0]
    yield by_pillow("cmyk-plain.jpg", cmyk[:at] + cmyk[at + 2 + length:], remarks=2)
    yield by_pillow("long-head.jpg", saved(rgb, "JPEG", comment=b"x" * 60000, icc_profile=b"y" * 100000))


def webp():
    for (w, h), mode in itertools.product(SIZES, ["L", "RGB", "RGBA"]):
        for options in ({}, {"lossless": True}, {"lossless": True, "exact": True}):
            name = f"{mode}-{w}x{h}{'-'.join(options)}.webp"
            yield by_pillow(name, saved(picture(mode, w, h), "WEBP", **options))
    frames = [picture("RGBA", 20, 10, seed) for seed in range(3)]
    yield by_pillow("animated.webp", saved(frames[0], "WEBP", save_all=True, append_images=frames[1:]))
    frames = [picture("RGB", 20, 10, seed) for seed in range(3)]
    yield by_pillow("animated-rgb.webp", saved(frames[0], "WEBP", save_all=True, append_images=frames[1:]))
    for n in (3, 6, 8):
        noise = Image.fromarray(g.integers(0, 256, (200, 300, 3)).astype(np.uint8))
        yield by_pillow(f"exif{n}.webp", saved(noise, "WEBP", lossless=True, exif=turned(n)), orientation=n)


def gif():
    for (w, h), mode in itertools.product(SIZES, ["1", "L", "P", "RGB"]):
        for interlace in (0, 1):
            data = saved(picture(mode, w, h), "GIF", interlace=interlace)
            expected = shown(opened(data))
            if mode in "1L" and expected.shape[2] == 3:
                expected = expected[..., :1]
            yield Case(f"{mode}-{w}x{h}-{interlace}.gif", data, [expected])
    yield by_pillow("transparent.gif", saved(picture("P", 33, 18), "GIF", transparency=2))
    frames = [picture("P", 20, 10, seed) for seed in range(3)]
    yield by_pillow("animated.gif", saved(frames[0], "GIF", save_all=True, append_images=frames[1:]))
    # A frame that leaves a part of its canvas free.
    data = bytearray(saved(picture("P", 8, 6), "GIF"))
    data[6:10] = struct.pack("<HH", 11, 9)
    inner = shown(opened(saved(picture("P", 8, 6), "GIF")))
    expected = np.zeros((9, 11, 4), np.uint8)
    expected[:6, :8, :3], expected[:6, :8, 3] = inner[..., :3], 255
    yield Case("part.gif", bytes(data), [expected])


def bmp_file(w, h, bits, rows, head=40, compression=0, palette=b"", masks=b"", top_down=False):
    if head == 12:
        info = struct.pack("<IHHHH", 12, w, h, 1, bits)
    else:
        info = struct.pack("<IiiHHIIiiII", head, w, -h if top_down else h, 1, bits, compression, len(rows), 0, 0, 0, 0)
        info += masks[:head - 40].ljust(head - 40, b"\0") + masks[max(0, head - 40):]
    offset = 14 + len(info) + len(palette)
    return b"BM" + struct.pack("<IHHI", offset + len(rows), 0, 0, offset) + info + palette + rows


def bmp():
    for (w, h), mode in itertools.product(SIZES, ["1", "L", "P", "RGB", "RGBA"]):
        data = saved(picture(mode, w, h), "BMP")
        yield by_pillow(f"{mode}-{w}x{h}.bmp", data)
    w, h = 7, 5
    colours = g.integers(0, 256, (16, 3)).astype(np.uint8)
    index = g.integers(0, 16, (h, w))
    want = colours[index]
    palette = b"".join(bytes(c[::-1]) + b"\0" for c in colours)
    short = b"".join(bytes(c[::-1]) for c in colours)
    nibbles = b"".join(bytes((int(r[i]) << 4 | (int(r[i + 1]) if i + 1 < w else 0)) for i in range(0, w, 2)) for r in index[::-1])
    yield Case("4.bmp", bmp_file(w, h, 4, nibbles, palette=palette), [want])
    yield Case("os2.bmp", bmp_file(w, h, 4, nibbles, head=12, palette=short), [want])
    down = b"".join(bytes((int(r[i]) << 4 | (int(r[i + 1]) if i + 1 < w else 0)) for i in range(0, w, 2)) for r in index)
    yield Case("topdown.bmp", bmp_file(w, h, 4, down, palette=palette, top_down=True), [want])
    runs = b""
    for row in index[::-1]:
        runs += bytes([0, w]) + bytes(map(int, row)) + (b"\0" if w % 2 else b"") + b"\0\0"
    yield Case("rle8.bmp", bmp_file(w, h, 8, runs + b"\0\1", compression=1, palette=palette), [want])
    runs = b"".join(b"".join(bytes([1, int(v)]) for v in row) + b"\0\0" for row in index[::-1])
    yield Case("rle8-runs.bmp", bmp_file(w, h, 8, runs + b"\0\1", compression=1, palette=palette), [want])
    runs = b"".join(b"".join(bytes([1, int(v) << 4]) for v in row) + b"\0\0" for row in index[::-1])
    yield Case("rle4.bmp", bmp_file(w, h, 4, runs + b"\0\1", compression=2, palette=palette), [want])
    for name, masks, bits in [("565", (0xf800, 0x7e0, 0x1f), 16), ("555", (0x7c00, 0x3e0, 0x1f), 16),
                              ("xbgr", (0xff, 0xff00, 0xff0000), 32), ("rgb10", (0x3ff00000, 0xffc00, 0x3ff), 32)]:
        pixels = g.integers(0, 1 << bits, (h, w))
        def part(mask):
            shift = (mask & -mask).bit_length() - 1
            top = mask >> shift
            value = (pixels & mask) >> shift
            if top > 255:
                value, top = value >> (top.bit_length() - 8), 255
            return value * 255 // top
        want16 = np.stack([part(m) for m in masks], -1).astype(np.uint8)
        row = (w * bits + 31) // 32 * 4
        rows = b"".join(r.astype(f"<u{bits // 8}").tobytes().ljust(row, b"\0") for r in pixels[::-1])
        yield Case(f"{name}.bmp", bmp_file(w, h, bits, rows, compression=3, masks=struct.pack("<III", *masks)), [want16])
    plain = bmp_file(w, h, 16, b"".join(r.astype("<u2").tobytes().ljust(16, b"\0") for r in pixels[::-1] & 0xffff))
    yield by_pillow("16.bmp", plain)
    rgba = smooth(w, h, 4)
    masks = struct.pack("<IIII", 0xff0000, 0xff00, 0xff, 0xff000000)
    order = rgba[::-1, :, [2, 1, 0, 3]].tobytes()
    yield Case("v5.bmp", bmp_file(w, h, 32, order, head=124, compression=3, masks=masks), [rgba])
    none = rgba.copy()
    none[..., 3] = 0
    want = rgba.copy()
    want[..., 3] = 255
    order = none[::-1, :, [2, 1, 0, 3]].tobytes()
    yield Case("v4-no-alpha.bmp", bmp_file(w, h, 32, order, head=108, compression=3, masks=masks), [want])
    yield Case("32.bmp", bmp_file(w, h, 32, order), [rgba[..., :3]])


def pnm():
    for (w, h), mode in itertools.product(SIZES, ["1", "L", "RGB"]):
        yield by_pillow(f"{mode}-{w}x{h}.pnm", saved(picture(mode, w, h), "PPM"))
    grey, rgb = smooth(7, 5), smooth(7, 5, 3)
    text = " ".join(map(str, (grey // 16).ravel()))
    yield by_pillow("plain.pgm", f"P2 # comment\n7 5\n15\n{text}\n".encode())
    text = "\n".join(map(str, rgb.ravel()))
    yield by_pillow("plain.ppm", f"P3\n7\t5\n255\n{text}".encode())
    bits = "".join("01"[int(v > 127)] for v in grey.ravel())
    yield by_pillow("plain.pbm", f"P1\n7 5\n{bits}\n".encode())
    for top in (1, 3, 100, 254):
        yield by_pillow(f"max{top}.pgm", f"P5\n7 5\n{top}\n".encode() + (grey % (top + 1)).tobytes())
    for top in (256, 4095, 65535):
        a = g.integers(0, top + 1, (5, 7, 3))
        want = np.round(a / top * 65535)
        yield Case(f"max{top}.ppm", f"P6 7 5 {top}\n".encode() + a.astype(">u2").tobytes(), [want], type="uint16")
    f = g.normal(size=(5, 7)).astype(np.float32)
    yield Case("little.pfm", b"Pf\n7 5\n-1.0\n" + f[::-1].astype("<f4").tobytes(), [f[..., None]], type="float32")
    f = g.normal(size=(5, 7, 3)).astype(np.float32)
    yield Case("big.pfm", b"PF\n7 5\n1.0\n" + f[::-1].astype(">f4").tobytes(), [f], type="float32")
    for depth, kind in enumerate(["GRAYSCALE", "GRAYSCALE_ALPHA", "RGB", "RGB_ALPHA"], 1):
        a = smooth(7, 5, depth).reshape(5, 7, depth)
        head = f"P7\nWIDTH 7\nHEIGHT 5\nDEPTH {depth}\nMAXVAL 255\nTUPLTYPE {kind}\nENDHDR\n"
        yield Case(f"{kind}.pam", head.encode() + a.tobytes(), [a])


def tiff():
    kinds = [None, "tiff_lzw", "tiff_adobe_deflate", "packbits"]
    if features.check("libtiff"):
        kinds += ["tiff_deflate", "lzma", "zstd"]
    for kind, mode in itertools.product(kinds, ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "I;16", "F"]):
        for w, h in SIZES:
            if mode == "I;16":
                image = Image.fromarray(g.integers(0, 65536, (h, w)).astype(np.uint16))
            elif mode == "F":
                image = Image.fromarray(g.normal(size=(h, w)).astype(np.float32))
            else:
                image = picture(mode, w, h)
            try:
                data = saved(image, "TIFF", **({"compression": kind} if kind else {}))
                image = opened(data)
            except (OSError, RuntimeError, KeyError, SystemError):
                continue
            yield by_pillow(f"{mode.replace(';', '')}-{w}x{h}-{kind}.tif", data, type={"I;16": "uint16", "F": "float32"}.get(mode))
    bits = picture("1", 50, 30)
    for kind in ("group3", "group4", "tiff_ccitt"):
        yield by_pillow(f"{kind}.tif", saved(bits, "TIFF", compression=kind))
    for mode in ("L", "RGB", "YCbCr"):
        yield by_pillow(f"jpeg-{mode}.tif", saved(picture(mode, 50, 30), "TIFF", compression="jpeg"), tolerance=2)
    for n in range(1, 9):
        # Pillow turns TIFF files when it loads them.
        rgb = picture("RGB", 12, 7)
        yield Case(f"orientation{n}.tif", saved(rgb, "TIFF", tiffinfo={274: n}), [shown(rgb)], orientation=n)
    lab = picture("RGB", 20, 10).convert("LAB")
    yield Case("lab.tif", saved(lab, "TIFF"), [shown(picture("RGB", 20, 10))], tolerance=60)
    pages = [Image.fromarray(g.integers(0, 65536, (9, 11)).astype(np.uint16)) for _ in range(5)]
    data = saved(pages[0], "TIFF", save_all=True, append_images=pages[1:])
    yield Case("pages.tif", data, [np.asarray(p)[..., None] for p in pages])
    sizes = [picture("L", w, h) for w, h in SIZES]
    data = saved(sizes[0], "TIFF", save_all=True, append_images=sizes[1:])
    yield Case("sizes.tif", data, [shown(p) for p in sizes])
    if tifffile:
        yield from by_tifffile()


def by_tifffile():
    def written(a, **options):
        buffer = io.BytesIO()
        tifffile.imwrite(buffer, a, **options)
        return buffer.getvalue()

    w, h = 37, 21
    kinds = ["u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8", "f2", "f4", "f8"]
    for kind, order, tile in itertools.product(kinds, "<>", [None, (16, 16)]):
        a = (g.normal(size=(h, w)) * 50).astype(kind) if kind[0] == "f" else g.integers(
            np.iinfo(kind).min, np.iinfo(kind).max, (h, w), dtype=kind, endpoint=True)
        for bigtiff in (False, True):
            name = f"{'le' if order == '<' else 'be'}-{kind}-{tile and 'tiles'}-{bigtiff}.tif"
            want = a.astype(np.float32) if kind != "u1" else a
            yield Case(name, written(a, byteorder=order, tile=tile, bigtiff=bigtiff, photometric="minisblack"), [want[..., None]],
                       type=np.dtype(kind).name)
    for kind, planar in itertools.product(["u1", "u2", "f4"], ["contig", "separate"]):
        a = (g.random((h, w, 3)) * 200).astype(kind)
        stored = a if planar == "contig" else np.moveaxis(a, -1, 0)
        for tile in (None, (16, 16)):
            yield Case(f"rgb-{kind}-{planar}-{tile and 'tiles'}.tif",
                       written(stored, photometric="rgb", planarconfig=planar, tile=tile, rowsperstrip=None if tile else 5), [a])
        a = (g.random((h, w, 4)) * 200).astype(kind)
        stored = a if planar == "contig" else np.moveaxis(a, -1, 0)
        yield Case(f"rgba-{kind}-{planar}.tif",
                   written(stored, photometric="rgb", planarconfig=planar, extrasamples=["unassalpha"]), [a])
        yield Case(f"rgbx-{kind}-{planar}.tif",
                   written(stored, photometric="rgb", planarconfig=planar, extrasamples=["unspecified"]), [a[..., :3]])
    a = smooth(w, h, 4)
    a[..., :3] = a[..., :3].astype(int) * a[..., 3:] // 255
    data = written(a, photometric="rgb", extrasamples=["assocalpha"])
    yield by_pillow("premultiplied.tif", data)
    grey = smooth(w, h)
    yield Case("white.tif", written(grey, photometric="miniswhite"), [255 - grey[..., None]])
    wide = g.integers(0, 65536, (h, w)).astype(np.uint16)
    yield Case("white16.tif", written(wide, photometric="miniswhite"), [65535 - wide[..., None]])
    yield Case("predictor.tif", written(wide, compression="zlib", predictor=True), [wide[..., None]])
    stack = g.integers(0, 65536, (6, h, w)).astype(np.uint16)
    for order in "<>":
        data = written(stack, imagej=True, byteorder=order)
        yield Case(f"imagej{order == '<'}.tif", data, [p[..., None] for p in stack])
        data = written(stack.reshape(3, 2, h, w), imagej=True, byteorder=order, metadata={"axes": "ZCYX"}, truncate=True)
        yield Case(f"imagej-one{order == '<'}.tif", data, [p[..., None] for p in stack])
    data = written(stack.astype(np.float32), imagej=True, truncate=True)
    yield Case("imagej-float.tif", data, [p[..., None] for p in stack.astype(np.float32)])
    many = g.integers(0, 256, (3000, 4, 5)).astype(np.uint8)
    yield Case("many.tif", written(many, photometric="minisblack", contiguous=False, metadata=None), [p[..., None] for p in many])
    buffer = io.BytesIO()
    with tifffile.TiffWriter(buffer) as file:
        file.write(grey, subfiletype=0, metadata=None)
        file.write(grey[::2, ::2], subfiletype=1, metadata=None)
    yield Case("pyramid.tif", buffer.getvalue(), [grey[..., None]])


ALL = {"png": png, "jpeg": jpeg, "webp": webp, "gif": gif, "bmp": bmp, "pnm": pnm, "tiff": tiff}
