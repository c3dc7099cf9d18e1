"""Write what unmodified Whisper base hears in the Asterisk prompts that may be trained on.

The published texts lack accents and follow their speakers loosely, so the teacher's own transcript is the target, kept
where it agrees with the published text. Output: `CACHE/audio/asterisk-LANG.jsonl`.
"""

import gzip
import json
import re
import sys
import unicodedata
from pathlib import Path

import jiwer
import torch

from training.paths import CACHE, WHISPER, is_test_clip
from walkiosk.modality import audio
from walkiosk.modality.text import END, START, Vocabulary, with_own_tokens
from walkiosk.model.sequence_model import SequenceModel, from_whisper

SOUNDS = Path("/usr/share/asterisk/sounds")
VOICES = {"es": "es_MX_f_Allison", "fr": "fr_CA_f_June", "it": "it_IT_m_Carlo", "ru": "ru_RU_f_IvrvoiceRU"}
LEAST, BEHIND = 10 * audio.SAMPLE_RATE, 4 * audio.SAMPLE_RATE  # silence enough to be heard as if padded to 30 s
AGREEING = 0.34  # word error rate against the published text


def published(language: str) -> dict[str, str]:
    with gzip.open(f"/usr/share/doc/asterisk-core-sounds-{language}/core-sounds-{language}.txt.gz") as file:
        lines = file.read().decode("utf-8", "replace").splitlines()
    pairs = (line.split(":", 1) for line in lines if ":" in line and not line.startswith(";"))
    return {name.strip(): text.strip() for name, text in pairs}


def plain(text: str) -> str:
    """Lower case, no accents, no punctuation: what published texts can be compared in."""
    bare = "".join(c for c in unicodedata.normalize("NFD", text.lower()) if not unicodedata.combining(c))
    return " ".join(re.sub(r"[^\w\s]", " ", bare).split())


@torch.no_grad()
def transcribe(model: SequenceModel, vocabulary: Vocabulary, clips: list[audio.Samples], language: str) -> list[str]:
    """Greedy transcripts of ``clips``, padded together."""
    wanted = max(LEAST, max(map(len, clips)) + BEHIND)
    frames = torch.stack([torch.from_numpy(audio.to_sequence(clip, wanted)) for clip in clips])
    start = [START, f"<|{language}|>", "<|transcribe|>", "<|notimestamps|>"]
    rows: list[list[int]] = [[] for _ in clips]
    with torch.autocast("cpu", torch.bfloat16):
        perceived = model.trunk.perceive(model.hear(frames))
        tokens = torch.tensor([[vocabulary.special(name) for name in start]] * len(clips))
        past, done = None, [False] * len(clips)
        for _ in range(120):
            states, past = model.read(tokens, past, perceived)
            best = model.text.head(states[:, -1])[:, : vocabulary.special(START)].argmax(-1)
            for index, token in enumerate(best.tolist()):
                done[index] |= token == vocabulary.special(END)
                if not done[index]:
                    rows[index].append(token)
            if all(done):
                break
            tokens = best[:, None]
    return [vocabulary.decode(row).strip() for row in rows]


def main() -> None:
    torch.set_num_threads(2)
    model = from_whisper(WHISPER / "model.bin").eval()
    vocabulary = with_own_tokens(WHISPER / "tokenizer.json")
    for language in sys.argv[1:] or VOICES:
        texts = published(language)
        folder = SOUNDS / VOICES[language]
        names = [n for n, t in texts.items() if not is_test_clip(Path(n).name) and not t.startswith("[") and len(t) > 3]
        clips = {n: audio.read(folder / f"{n}.g722") for n in names if (folder / f"{n}.g722").is_file()}
        order = sorted((n for n in clips if len(clips[n]) < 14 * audio.SAMPLE_RATE), key=lambda n: len(clips[n]))
        kept = 0
        with (CACHE / "audio" / f"asterisk-{language}.jsonl").open("w") as file:
            for at in range(0, len(order), 12):
                group = order[at : at + 12]
                for name, heard in zip(
                    group, transcribe(model, vocabulary, [clips[n] for n in group], language), strict=True
                ):
                    reference = plain(texts[name])
                    if heard and reference and jiwer.wer(reference, plain(heard) or "-") <= AGREEING:
                        row = {"audio": str(folder / f"{name}.g722"), "text": heard, "language": language}
                        file.write(json.dumps(row, ensure_ascii=False) + "\n")
                        kept += 1
        print(language, f"{kept} of {len(order)} clips kept", flush=True)


if __name__ == "__main__":
    main()
