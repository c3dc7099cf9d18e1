"""Write the speaker's files from its runs: `python -m training.speech_generation.export SOUND PRONOUNCE VOCODER
[FOLDER]`.
"""

import sys
from pathlib import Path

from training.part import averaged
from training.speech_generation.run import config
from training.speech_generation.sounds import Inventory
from walkiosk.model.speaker import Speaker
from walkiosk.model.speaker_export import export_speaker
from walkiosk.model.vocoder import Vocoder

VOICE_OF = {
    "en": "heart",
    "es": "Allison",
    "fr": "June",
    "it": "Carlo",
    "ru": "IvrvoiceRU",
    "de": "June",
    "pt": "Allison",
}


def main() -> None:
    sound, pronounce, vocode, *rest = sys.argv[1:]
    folder = Path(rest[0] if rest else "weights")
    inventory = Inventory.load()
    speaker, vocoder = Speaker(config(inventory)), Vocoder()
    pronouncing = {f"pronouncer.{name}": value for name, value in averaged(pronounce).items()}
    speaker.load_state_dict(averaged(sound) | pronouncing)
    vocoder.load_state_dict(averaged(vocode))
    about = {
        "letters": inventory.letters,
        "languages": inventory.languages,
        "phones": inventory.phones,
        "voices": inventory.voices,
        "voice_of": VOICE_OF,
    }
    export_speaker(speaker, vocoder, about, folder)
    names = ("pronouncer.onnx", "timer.onnx", "sounder.onnx", "vocoder.onnx", "speaker.json")
    print(f"{sum((folder / name).stat().st_size for name in names) / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
