"""Sound files as people, programs and enemies send them."""

import io
import struct
import wave
from fractions import Fraction
from typing import Any

import av
import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[Any]
LAYOUTS = {1: "mono", 2: "stereo", 6: "5.1"}


def tone(hertz: float, amplitude: float = 0.3, rate: int = 48_000, seconds: float = 1) -> Samples:
    return amplitude * np.sin(2 * np.pi * hertz * np.arange(int(rate * seconds)) / rate)


def wav(samples: Samples, rate: int = 48_000) -> bytes:
    """16 bit; one row for each channel, or just one."""
    rows = np.atleast_2d(samples)
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(len(rows))
        sound.setsampwidth(2)
        sound.setframerate(rate)
        sound.writeframes((np.clip(rows.T, -1, 1) * 32767).astype("<i2").tobytes())
    return file.getvalue()


def float_wav(samples: Samples, rate: int = 48_000, channels: int = 1) -> bytes:
    """32 bit floats, which may be no numbers; `rate` and `channels` are only what it says."""
    sound = samples.astype("<f4").tobytes()
    form = struct.pack("<IHHIIHH", 16, 3, channels, rate, rate * 4, 4 * channels % 65_536, 32)
    head = b"RIFF" + struct.pack("<I", 36 + len(sound)) + b"WAVEfmt " + form
    return head + b"data" + struct.pack("<I", len(sound)) + sound


def encoded(form: str, codec: str, samples: Samples, rate: int = 48_000, **options: str) -> bytes:
    """By FFmpeg, as a telephone or a browser does it."""
    rows = np.ascontiguousarray(np.atleast_2d(samples).astype(np.float32))
    layout, file = LAYOUTS[len(rows)], io.BytesIO()
    with av.open(file, "w", format=form, options=options) as container:
        stream = container.add_stream(codec, rate=rate, layout=layout, options={"strict": "-2"})
        context = stream.codec_context
        context.open()
        resampler = av.AudioResampler(context.format, layout, rate, context.frame_size or 1024)
        whole = av.AudioFrame.from_ndarray(rows, format="fltp", layout=layout)
        whole.sample_rate = rate
        for frame in [*resampler.resample(whole), *resampler.resample(None)]:
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return file.getvalue()


def ten_hours() -> bytes:
    """Of silence, as FLAC: a twentieth of a megabyte."""
    rate, size, file = 4_000, 65_535, io.BytesIO()
    with av.open(file, "w", format="flac") as container:
        stream = container.add_stream(
            "flac",
            rate=rate,
            layout="mono",
            options={"frame_size": str(size), "compression_level": "0"},
        )
        frame = av.AudioFrame.from_ndarray(np.zeros((1, size), "<i2"), format="s16", layout="mono")
        frame.sample_rate, frame.time_base = rate, Fraction(1, rate)
        for n in range(10 * 3600 * rate // size + 1):
            frame.pts = n * size
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return file.getvalue()


def silent_film() -> bytes:
    """Pictures without sound."""
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as container:
        stream = container.add_stream("mpeg4", rate=10)
        stream.width = stream.height = 64
        for _ in range(5):
            picture = np.zeros((64, 64, 3), np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode(None))
    return file.getvalue()
