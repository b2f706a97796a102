"""`video-transcoder`: high compute, high data."""

from io import BytesIO
from typing import TYPE_CHECKING, Literal

from planner.protocol.functions.inputs import Inputs
from planner.protocol.functions.outcome import BadInput, Outcome
from planner.protocol.functions.payloads import Transcoding

if TYPE_CHECKING:
    from av import VideoStream

ENCODER: Literal["libx264"] = "libx264"
MAX_PIXELS = 1920 * 1088
MAX_FRAMES = 1000
# A playlist is a "video" that names other files: only containers that hold their pictures, and no other source, ever.
ALONE = {"format_whitelist": "yuv4mpegpipe,mov,matroska,avi", "protocol_whitelist": "none"}


def run(payload: Transcoding, inputs: Inputs) -> Outcome:
    """Encode the whole clip to H.264 `passes` times."""
    from av import FFmpegError

    source = inputs.read(payload.gcs_uri)
    try:
        written = sum(_encode(source) for _ in range(payload.passes))
    except (FFmpegError, IndexError, ValueError) as error:  # IndexError: it has no video stream
        raise BadInput("the input is not a video that can be read") from error
    return Outcome(written, len(source), {"passes": payload.passes})


def _encode(source: bytes) -> int:
    """One pass; bytes of the MP4."""
    import av

    target = BytesIO()
    with av.open(BytesIO(source), "r", options=ALONE) as clip, av.open(target, "w", format="mp4") as film:
        video = clip.streams.video[0]
        encoder = _like(film.add_stream(ENCODER, rate=video.average_rate or 25), video)
        for number, frame in enumerate(clip.decode(video)):
            if number == MAX_FRAMES:
                raise BadInput(f"the clip has more than {MAX_FRAMES} frames")
            film.mux(encoder.encode(frame))
        film.mux(encoder.encode())
    return len(target.getvalue())


def _like(encoder: "VideoStream", video: "VideoStream") -> "VideoStream":
    if video.width * video.height > MAX_PIXELS:
        raise BadInput(f"a frame has more than {MAX_PIXELS:,} pixels")
    encoder.width, encoder.height, encoder.pix_fmt = video.width, video.height, "yuv420p"
    # One thread, the caller's: an instance has one vCPU, and its CPU time is then exact.
    encoder.codec_context.thread_count = 1
    return encoder
