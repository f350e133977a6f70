"""Pictures as people send them, and as nobody should."""

import struct
import zlib
from io import BytesIO
from typing import Any

from PIL import Image, PngImagePlugin

SECRET = "47.3769N 8.5417E"
ORIENTATION, ARTIST = 0x0112, 0x013B


def picture(kind: str = "JPEG", *, size: tuple[int, int] = (640, 480), mode: str = "RGB", **options: Any) -> bytes:
    """A picture whose left half is red and whose right half is blue, with notes in every place that a format has."""
    image = Image.new("RGB", size, (200, 0, 0))
    image.paste((0, 0, 200), (size[0] // 2, 0, *size))
    exif = Image.Exif()
    exif[ARTIST] = SECRET
    if "turned" in options:
        exif[ORIENTATION] = options.pop("turned")
    notes: dict[str, Any] = {"exif": exif}
    if kind == "PNG":
        notes["pnginfo"] = PngImagePlugin.PngInfo()
        notes["pnginfo"].add_text("Comment", SECRET)
    else:
        notes |= {"xmp": SECRET.encode()} if kind == "WEBP" else {"comment": SECRET.encode(), "xmp": SECRET.encode()}
        notes["icc_profile"] = SECRET.encode()
    out = BytesIO()
    image.convert(mode).save(out, kind, **{**notes, **options})
    return out.getvalue()


def moving(kind: str) -> bytes:
    """An animation of two frames."""
    out, frames = BytesIO(), [Image.new("RGB", (20, 20), colour) for colour in ("red", "blue")]
    frames[0].save(out, kind, save_all=True, append_images=frames[1:])
    return out.getvalue()


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few bytes that says to be as large as that."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(b"\0" * 1000)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in chunks
    )


def opened(content: bytes) -> Image.Image:
    """A picture, decoded."""
    image = Image.open(BytesIO(content), formats=["JPEG"])
    image.load()
    return image
