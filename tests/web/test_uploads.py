"""What people upload is drawn anew: nothing that was hidden in it is shown to anybody, and what is no photo is refused."""

import struct
import zlib
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from app.uploads import LARGEST, NotAPicture, draw_anew

PLACE_TAKEN = "51 deg 30' 26\" N, Old Mill Cottage"


def photo(kind: str = "JPEG", size: tuple[int, int] = (64, 48), **options: object) -> bytes:
    made = BytesIO()
    Image.new("RGB", size, "teal").save(made, kind, **options)
    return made.getvalue()


def located() -> bytes:
    """A photo that says where it was taken: in its EXIF data, as a phone's does, and after its end."""
    data = Image.Exif()
    data[0x010E] = PLACE_TAKEN  # what the picture shows
    data.get_ifd(0x8825)[2] = (51.0, 30.0, 26.0)  # the latitude
    return photo(exif=data) + PLACE_TAKEN.encode()


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def bomb(width: int, height: int) -> bytes:
    """A PNG of some kilobytes that claims to hold so many pixels."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress(bytes(2_000_000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_photo_is_drawn_anew_as_jpeg_whatever_it_was(kind: str) -> None:
    drawn = draw_anew(photo(kind))
    with Image.open(BytesIO(drawn.jpeg)) as found:
        assert (found.format, found.size) == ("JPEG", (64, 48)) == ("JPEG", (drawn.width, drawn.height))


def test_where_it_was_taken_is_gone() -> None:
    sent = located()
    assert PLACE_TAKEN.encode() in sent
    drawn = draw_anew(sent)
    with Image.open(BytesIO(drawn.jpeg)) as found:
        assert dict(found.getexif()) == {}
    assert b"Cottage" not in drawn.jpeg
    assert b"Exif" not in drawn.jpeg


def test_a_photo_that_was_taken_sideways_stands_upright() -> None:
    data = Image.Exif()
    data[0x0112] = 6  # turned by a quarter
    drawn = draw_anew(photo(exif=data))
    assert (drawn.width, drawn.height) == (48, 64)


def test_a_large_photo_is_made_smaller() -> None:
    drawn = draw_anew(photo(size=(4_000, 3_000)))
    assert (drawn.width, drawn.height) == (1_600, 1_200)


def test_what_can_be_seen_through_stands_on_white() -> None:
    made = BytesIO()
    Image.new("RGBA", (8, 8), (0, 0, 0, 0)).save(made, "PNG")
    with Image.open(BytesIO(draw_anew(made.getvalue()).jpeg)) as found:
        assert found.getpixel((4, 4)) == (255, 255, 255)


REFUSED = {
    "nothing": (b"", "no photo"),
    "words": (b"hello, this is a photo.jpg", "no photo"),
    "a drawing that can hold a script": (
        b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        "no photo",
    ),
    "a page that is called a photo": (b"\xef\xbb\xbf<html><script>alert(1)</script>", "no photo"),
    "a moving picture": (photo("GIF"), "no photo"),
    "a TIFF": (photo("TIFF"), "no photo"),
    "an archive": (b"PK\x03\x04" + bytes(200), "no photo"),
    "half a photo": (photo(size=(640, 480))[:900], "broken"),
    "more pixels than fit in memory": (bomb(60_000, 60_000), "more than 40 million pixels"),
    "a bit more than we draw": (bomb(8_000, 5_001), "more than 40 million pixels"),
    "too many bytes": (photo() + bytes(LARGEST), "larger than 6 MB"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_no_photo_is_refused_in_one_sentence(what: str) -> None:
    sent, problem = REFUSED[what]
    with pytest.raises(NotAPicture, match=problem) as refused:
        draw_anew(sent)
    assert "the picture that was here before is kept" in refused.value.sentence


@given(place=st.integers(0, 600), byte=st.integers(0, 255), cut=st.integers(0, 700))
def test_no_broken_photo_is_answered_with_anything_else(place: int, byte: int, cut: int) -> None:
    sent = bytearray(photo("PNG", size=(30, 30)))
    sent[place % len(sent)] = byte
    try:
        drawn = draw_anew(bytes(sent[: max(cut, 8)]))
    except NotAPicture:
        return
    assert drawn.jpeg[:2] == b"\xff\xd8"
