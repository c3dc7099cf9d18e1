"""One port a modality: how its elements become vectors (embed), come out of them (head), and are judged (loss)."""

from __future__ import annotations

from walkiosk.model.ports.audio import AudioPort
from walkiosk.model.ports.image import ImagePort
from walkiosk.model.ports.port import Port
from walkiosk.model.ports.scalar import ScalarPort
from walkiosk.model.ports.text import TextPort
from walkiosk.model.ports.trend import TrendPort
from walkiosk.model.trunk import TrunkConfig

__all__ = ["LATER", "PORT_OF", "AudioPort", "ImagePort", "Port", "ScalarPort", "TextPort", "TrendPort", "make_ports"]

PORT_OF = {  # modality → its port; a video is its frames, and the trunk marks which of the two it is
    "scalar": "scalar",
    "trend": "trend",
    "text": "text",
    "image": "image",
    "audio": "audio",
    "video": "image",
}
LATER = (  # weights that Whisper has not; they rest in runs that perceive audio and write text
    "ports.scalar.",
    "ports.trend.",
    "ports.image.",
    "ports.audio.back.",
    "ports.audio.out.",
)


def make_ports(config: TrunkConfig) -> dict[str, Port]:
    """Return the ports by name; text and audio first, as their weights came first."""
    return {
        "text": TextPort(config),
        "audio": AudioPort(config),
        "scalar": ScalarPort(config),
        "trend": TrendPort(config),
        "image": ImagePort(config),
    }
