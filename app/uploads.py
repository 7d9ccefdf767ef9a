"""What people upload: only pictures, and never their bytes. A picture is read by its content, and drawn anew.

So whatever was hidden in it is gone: where it was taken, what follows the picture in its file, a second file in the first.
"""

import warnings
from dataclasses import dataclass
from io import BytesIO

from PIL import Image, ImageOps, UnidentifiedImageError

from ledger.errors import Invalid

LARGEST = 6_000_000  # bytes: what a phone's camera makes
_MOST_PIXELS = 40_000_000
_TOO_MANY = f"it has more than {_MOST_PIXELS // 1_000_000} million pixels"
_LONGEST_SIDE = 1_600
_FORMATS = ("JPEG", "PNG", "WEBP")
_QUALITY = 82


class NotAPicture(Invalid):
    """This file is not a picture that can be shown: {problem}. Choose a photo in JPEG, PNG or WebP; the picture that was here
    before is kept.
    """


@dataclass(frozen=True, slots=True)
class Drawn:
    """A picture drawn anew as JPEG, upright, at most 1,600 pixels wide or high."""

    jpeg: bytes
    width: int
    height: int


def draw_anew(uploaded: bytes) -> Drawn:
    """The picture in these bytes, whatever the file was called. Raises NotAPicture."""
    if len(uploaded) > LARGEST:
        raise NotAPicture(problem=f"it is larger than {LARGEST // 1_000_000} MB")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # what Pillow finds odd, such as a bomb, is refused
            return _drawn(uploaded)
    except NotAPicture:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as fault:
        raise NotAPicture(problem=_TOO_MANY) from fault
    except UnidentifiedImageError as fault:
        raise NotAPicture(problem="what it holds is no photo") from fault
    except (OSError, ValueError, SyntaxError, EOFError, ArithmeticError, LookupError, TypeError, MemoryError, Warning) as fault:
        raise NotAPicture(problem="it is broken") from fault


def _drawn(uploaded: bytes) -> Drawn:
    with Image.open(BytesIO(uploaded), formats=_FORMATS) as found:
        # Asked before a pixel is unpacked: a file of some kilobytes can claim to hold a picture of many gigabytes.
        if found.width * found.height > _MOST_PIXELS:
            raise NotAPicture(problem=_TOO_MANY)
        upright = ImageOps.exif_transpose(found)
        plain = upright.convert("RGBA")
    canvas = Image.new("RGB", plain.size, "white")
    canvas.paste(plain, mask=plain.getchannel("A"))
    canvas.thumbnail((_LONGEST_SIDE, _LONGEST_SIDE))
    drawn = BytesIO()
    canvas.save(drawn, "JPEG", quality=_QUALITY, optimize=True)
    return Drawn(drawn.getvalue(), *canvas.size)
