"""The payloads of protocol 3.3 and the limits of their fields."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Uri = Annotated[str, Field(min_length=1, max_length=1024)]


class Payload(BaseModel):
    """Of every function: no other field, no conversion of types, nothing returned inline."""

    model_config = ConfigDict(extra="forbid", strict=True)

    return_inline: Literal[False] = False


class HealthCheck(Payload):
    """Of `api-health-check`."""

    check: Literal["ping"]


class KeyGeneration(Payload):
    """Of `crypto-key-gen`."""

    bits: Literal[2048, 3072, 4096]


class ImageConversion(Payload):
    """Of `image-format-converter`."""

    gcs_uri: Uri
    format: Literal["WEBP", "PNG", "JPEG"]
    quality: Annotated[int, Field(ge=1, le=100)] = 85


class Transcoding(Payload):
    """Of `video-transcoder`."""

    gcs_uri: Uri
    passes: Annotated[int, Field(ge=1, le=8)]
