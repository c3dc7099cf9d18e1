"""One port a modality: how its elements become vectors (embed), come out of them (head), and are judged (loss)."""

from __future__ import annotations

from collections.abc import Callable

from walkiosk.model.ports.audio import AudioPort
from walkiosk.model.ports.image import ImagePort, VideoPort
from walkiosk.model.ports.port import Port
from walkiosk.model.ports.scalar import ScalarPort
from walkiosk.model.ports.text import TextPort
from walkiosk.model.ports.trend import TrendPort
from walkiosk.model.trunk import TrunkConfig

__all__ = [
    "LATER",
    "PORTS",
    "AudioPort",
    "ImagePort",
    "Port",
    "ScalarPort",
    "TextPort",
    "TrendPort",
    "VideoPort",
    "make_ports",
]

PORTS: dict[str, Callable[[TrunkConfig], Port]] = {  # text and audio first, as their weights came first
    "text": TextPort,
    "audio": AudioPort,
    "scalar": ScalarPort,
    "trend": TrendPort,
    "image": ImagePort,
    "video": VideoPort,
}
LATER = (  # weights that Whisper has not; they rest in runs that perceive audio and write text
    "ports.scalar.",
    "ports.trend.",
    "ports.image.",
    "ports.video.",
    "ports.audio.back.",
    "ports.audio.out.",
)


def make_ports(config: TrunkConfig) -> dict[str, Port]:
    """Return the ports that ``config`` names, by modality; text is always among them: a task is told in tokens."""
    return {name: port(config) for name, port in PORTS.items() if name == "text" or name in config.ports}
