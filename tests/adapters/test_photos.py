"""Photos: small, upright, without notes; and what is none is refused by name."""

import time
from io import BytesIO

import pytest
from PIL import Image

from chalicelib.adapters.photos import EDGE, FORMATS, MOST_PIXELS, PillowPhotos
from chalicelib.domain.errors import InvalidInputError
from tests.adapters.pictures import SECRET, bomb, moving, opened, picture

KINDS = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}


def prepared(content: bytes, kind: str = "JPEG") -> Image.Image:
    """The photo as it is stored."""
    return opened(PillowPhotos().prepared(content, content_type=KINDS[kind]))


def refused(content: bytes, content_type: str = "image/png") -> str:
    """Why it is not taken."""
    with pytest.raises(InvalidInputError) as no:
        PillowPhotos().prepared(content, content_type=content_type)
    assert no.value.field == "photo"
    return no.value.remedy


def colour(image: Image.Image, x: int, y: int) -> str:
    """Red or blue."""
    red, _, blue = image.getpixel((x, y))  # type: ignore[misc]
    return "red" if red > blue else "blue"


@pytest.mark.parametrize("kind", KINDS)
def test_a_photo_becomes_a_small_jpeg(kind: str) -> None:
    """In its proportions."""
    image = prepared(picture(kind), kind)

    assert (image.format, image.mode, image.size) == ("JPEG", "RGB", (512, 384))
    assert (colour(image, 10, 10), colour(image, 500, 10)) == ("red", "blue")


@pytest.mark.parametrize("kind", KINDS)
def test_no_note_gets_through(kind: str) -> None:
    """Neither where it was taken, nor by whom, nor with what."""
    sent = picture(kind)
    assert SECRET.encode() in sent

    stored = PillowPhotos().prepared(sent, content_type=KINDS[kind])

    assert SECRET.encode() not in stored
    assert set(opened(stored).info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    assert dict(opened(stored).getexif()) == {}


def test_what_is_hidden_behind_a_picture_is_gone() -> None:
    """An archive, a film, a script: only pixels are kept."""
    hidden = b"PK\x03\x04<script>alert(1)</script>"

    assert hidden not in PillowPhotos().prepared(picture() + hidden, content_type="image/jpeg")


@pytest.mark.parametrize(
    ("turned", "size", "left", "right"),
    [(1, (512, 384), "red", "blue"), (3, (512, 384), "blue", "red"), (6, (384, 512), "red", "red")],
)
def test_it_is_turned_as_its_camera_meant_it(turned: int, size: tuple[int, int], left: str, right: str) -> None:
    """Phones note how they were held instead of turning the picture."""
    image = prepared(picture(turned=turned))

    assert image.size == size
    assert (colour(image, 10, 10), colour(image, size[0] - 10, 10)) == (left, right)


@pytest.mark.parametrize("mode", ["P", "L", "1", "LA", "RGBA"])
def test_every_kind_of_png_is_taken(mode: str) -> None:
    """With few colours, grey, or clear in places."""
    assert prepared(picture("PNG", mode=mode), "PNG").mode == "RGB"


def test_what_is_clear_becomes_white() -> None:
    """And not black."""
    out = BytesIO()
    Image.new("RGBA", (40, 40), (0, 0, 0, 0)).save(out, "PNG")

    assert prepared(out.getvalue(), "PNG").getpixel((5, 5)) == (255, 255, 255)


@pytest.mark.parametrize(("width", "taken"), [(7999, True), (8000, True), (8001, False)])
def test_forty_megapixels_are_the_limit(width: int, taken: bool) -> None:
    """8,000 by 5,000; the pixels are counted before they are decoded."""
    assert MOST_PIXELS == 8000 * 5000
    if taken:
        image = prepared(picture(size=(width, 5000), quality=20))
        assert max(image.size) == EDGE
    else:
        assert "40 megapixels" in refused(bomb(width, 5000))


def test_a_bomb_is_refused_at_once() -> None:
    """A few bytes that would be thirty gigabytes."""
    began = time.process_time()

    assert "40 megapixels" in refused(bomb(100_000, 100_000))

    assert time.process_time() - began < 0.5


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_a_photo_does_not_move(kind: str) -> None:
    """An animation is refused."""
    assert "move" in refused(moving(kind), KINDS[kind])


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xd8\xff",
        picture()[: len(picture()) // 2],
        picture("PNG")[:-400],
        picture("WEBP")[:-40],
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"PK\x03\x04" + bytes(100),
        b"GIF89a" + bytes(100),
        b"%PDF-1.7",
        b"\x1f\x8b" + bytes(50),
    ],
    ids=["empty", "three-bytes", "half-jpeg", "half-png", "half-webp", "svg", "zip", "gif", "pdf", "gzip"],
)
@pytest.mark.parametrize("content_type", FORMATS)
def test_what_is_no_photo_is_refused(content: bytes, content_type: str) -> None:
    """Whatever it says to be."""
    assert refused(content, content_type)


@pytest.mark.parametrize("kind", KINDS)
def test_a_photo_that_says_to_be_another_is_refused(kind: str) -> None:
    """Two readers must not see two things in it."""
    for content_type in set(FORMATS) - {KINDS[kind]}:
        assert "Content-Type" in refused(picture(kind), content_type)


def test_a_photo_with_another_behind_it_is_that_photo() -> None:
    """As phones store light and depth; the first picture is the one that people see."""
    first, second = Image.new("RGB", (30, 20), "red"), Image.new("RGB", (10, 10), "blue")
    out = BytesIO()
    first.save(out, "MPO", save_all=True, append_images=[second])

    image = prepared(out.getvalue())

    assert (image.size, colour(image, 5, 5)) == ((30, 20), "red")
