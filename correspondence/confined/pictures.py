"""Pictures: whole, of the format that they claim, and small enough to be opened anywhere."""

import io

from PIL import Image

from correspondence.confined.process import Answer, ContentRefused, serve

_MAX_PIXELS = 80_000_000
_MAX_FRAMES = 500


def _inspect(data: bytes, kind: str) -> Answer:
    # Our own bound below is the one that counts; Pillow's would only warn.
    Image.MAX_IMAGE_PIXELS = None
    try:
        _check_size(data, kind)
        with Image.open(io.BytesIO(data), formats=[kind]) as picture:
            picture.verify()
        with Image.open(io.BytesIO(data), formats=[kind]) as picture:
            # JPEG is read at an eighth of its size: enough to see that it is whole.
            picture.draft("RGB", (picture.width // 8, picture.height // 8))
            picture.load()
    except (OSError, SyntaxError, ValueError, EOFError, KeyError, IndexError, TypeError) as error:
        raise ContentRefused("damaged") from error
    return Answer("", None)


def _check_size(data: bytes, kind: str) -> None:
    with Image.open(io.BytesIO(data), formats=[kind]) as picture:
        frames = getattr(picture, "n_frames", 1)
        if frames > _MAX_FRAMES:
            raise ContentRefused("too-complex")
        for frame in range(frames):
            picture.seek(frame)
            if picture.width * picture.height > _MAX_PIXELS:
                raise ContentRefused("too-many-pixels")


if __name__ == "__main__":
    serve(
        png=lambda data: _inspect(data, "PNG"),
        jpeg=lambda data: _inspect(data, "JPEG"),
        tiff=lambda data: _inspect(data, "TIFF"),
    )
