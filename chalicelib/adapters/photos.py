"""Photos as people send them, made small and harmless with Pillow.

What comes in is never stored. It is read as one of three formats and as nothing else, measured by its header before a
pixel is decoded, turned as its camera meant it, and written anew from its pixels: no place, no time, no name of a
camera, no comment, and nothing that was hidden behind the picture gets through.
"""

from collections.abc import Mapping
from io import BytesIO

# The three are loaded by name: otherwise Pillow would load all formats that it knows.
from PIL import Image, ImageOps, JpegImagePlugin, PngImagePlugin, WebPImagePlugin

from chalicelib.domain.errors import InvalidInputError

_READERS = (JpegImagePlugin.JpegImageFile, PngImagePlugin.PngImageFile, WebPImagePlugin.WebPImageFile)
FORMATS: Mapping[str, frozenset[str]] = {
    "image/jpeg": frozenset({"JPEG", "MPO"}),  # phones append further pictures, and Pillow calls that MPO
    "image/png": frozenset({"PNG"}),
    "image/webp": frozenset({"WEBP"}),
}
MOST_PIXELS = 40_000_000
EDGE = 512
QUALITY = 85
# Pillow's own limit is wider, and only warns at first; ours is looked at before anything is decoded.
Image.MAX_IMAGE_PIXELS = None
_WHITE = (255, 255, 255)


class PillowPhotos:
    """Re-encodes photos."""

    def prepared(self, content: bytes, *, content_type: str) -> bytes:
        """The picture as a small JPEG without anything but its pixels; InvalidInputError for what is none."""
        try:
            with Image.open(BytesIO(content), formats=[reader.format for reader in _READERS]) as image:
                _check(image, content_type)
                return _written(_small(image))
        except (OSError, ValueError, SyntaxError):
            raise _refused("Send a whole photo as JPEG, PNG or WebP.") from None


def _check(image: Image.Image, content_type: str) -> None:
    """Only the header was read so far."""
    if image.format not in FORMATS.get(content_type, ()):
        raise _refused("Send the photo with the Content-Type of its format.")
    if image.width * image.height > MOST_PIXELS:
        raise _refused("Send a photo of at most 40 megapixels.")
    if getattr(image, "is_animated", False) and image.format != "MPO":
        raise _refused("Send a photo that does not move.")


def _small(image: Image.Image) -> Image.Image:
    image.draft("RGB", (2 * EDGE, 2 * EDGE))  # JPEG only: decodes no more than twice of what is kept
    turned = ImageOps.exif_transpose(image)
    turned.thumbnail((EDGE, EDGE))
    if turned.mode not in {"RGBA", "LA", "PA"} and "transparency" not in turned.info:
        return turned.convert("RGB")
    layer = turned.convert("RGBA")
    opaque = Image.new("RGB", layer.size, _WHITE)
    opaque.paste(layer, mask=layer.getchannel("A"))
    return opaque


def _written(image: Image.Image) -> bytes:
    """From the pixels alone: a new picture has no notes to write."""
    bare, out = Image.new("RGB", image.size), BytesIO()
    bare.paste(image)
    bare.save(out, "JPEG", quality=QUALITY, optimize=True)
    return out.getvalue()


def _refused(remedy: str) -> InvalidInputError:
    return InvalidInputError(remedy, field="photo")
