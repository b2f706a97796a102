"""`image-format-converter`: moderate compute, moderate data."""

from io import BytesIO

from planner.protocol.functions.inputs import Inputs
from planner.protocol.functions.outcome import BadInput, Outcome
from planner.protocol.functions.payloads import ImageConversion

MAX_PIXELS = 50_000_000  # an image of a few bytes can unpack to any size


def run(payload: ImageConversion, inputs: Inputs) -> Outcome:
    """Read an image and write it in another format; `quality` as its encoder reads it (PNG has none)."""
    from PIL import Image, UnidentifiedImageError

    source, target = inputs.read(payload.gcs_uri), BytesIO()
    try:
        with Image.open(BytesIO(source)) as image:
            if image.width * image.height > MAX_PIXELS:
                raise BadInput(f"the image has more than {MAX_PIXELS:,} pixels")
            image.convert("RGB").save(target, payload.format, quality=payload.quality)
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, SyntaxError, ValueError) as error:
        raise BadInput("the input is not an image that can be read") from error
    return Outcome(target.tell(), len(source))
