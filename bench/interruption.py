"""How soon the kiosk falls silent when somebody speaks over it: a real browser, a real server, a WAV as the microphone.

    python bench/interruption.py [--times 20] [--store stores/demo]

Starts `walkiosk serve` and opens its page in Debian's Chromium, whose microphone hears a sentence every few seconds.
Before each of them the kiosk is asked something by typing, and speaks. From the first piece of sound with a voice in it
that the page sends, to the moment in which the page stops playing: milliseconds, p50 and p95. What the sound card and
the loudspeaker still hold is not in it. Exit status 1 where the median is above 200 ms. Needs `walkiosk[bench,dev]`.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

import numpy as np
from playwright.sync_api import Page, expect, sync_playwright

from bench.browser_purchase import CHROMIUM, FLAGS
from bench.served import served
from bench.spoken_sentence import write_wav
from training.speech_recognition import espeak
from walkiosk.modality import audio

BOUND = 200.0  # ms
APART = 7.0  # s of silence between the sentences: the kiosk is to be speaking when the next one begins
SENTENCES = (
    "Wait, please, I would rather see the red ones.", "No, that is not what I meant at all.",
    "Excuse me, how much were the boots from before?", "Stop. Show me something else instead, please.",
)  # fmt: skip
VOICES = ("en-us+f2", "en-gb+m3", "en-us+m1", "en-gb+f4")
ASKED = (
    "Which sizes and colours do you have of the shoes that Leonardo DiCaprio wore in Inception, and what do they cost?"
)
# Since `TURN`: when the last sentence above a whisper began, and when what is played was stopped. What was being said
# when the kiosk began to speak is no beginning: its last syllable alone interrupts nobody.
WATCH = """window.voiced = window.stopped = window.loud = 0;
const send = WebSocket.prototype.send, stop = AudioBufferSourceNode.prototype.stop;
WebSocket.prototype.send = function (data) {
    if (data instanceof Int16Array && data.some(sample => Math.abs(sample) > 700)) {
        const now = performance.now();
        if (now - window.loud > 1000 && !window.stopped) window.voiced = now;
        window.loud = now;
    }
    return send.call(this, data);
};
AudioBufferSourceNode.prototype.stop = function () {
    window.stopped ||= performance.now();
    return stop.call(this);
};"""
TURN = "() => { window.voiced = window.stopped = 0; }"
SILENCED = "() => window.stopped > 0 || document.body.dataset.state !== 'speaking'"  # or had said it all
SPEAKS = "() => document.body.dataset.state === 'speaking'"


def recording(path: Path) -> Path:
    """The sentences in their voices, silence between them, for a microphone that begins anew at the end."""
    quiet = np.zeros(int(APART * audio.SAMPLE_RATE), np.float32)
    spoken = [espeak(text, voice, 165) for text, voice in zip(SENTENCES, VOICES, strict=True)]
    write_wav(path, np.concatenate([part for sentence in spoken for part in (quiet, sentence)]))
    return path


def interruptions(page: Page, times: int) -> list[float]:
    """Milliseconds from the first voiced sound to silence, for each time that the kiosk was speaking when it came."""
    found: list[float] = []
    while len(found) < times:
        page.locator("#text").fill(ASKED)
        page.keyboard.press("Enter")
        page.wait_for_function(SPEAKS)
        page.evaluate(TURN)
        page.wait_for_function(SILENCED)
        voiced, stopped = page.evaluate("[window.voiced, window.stopped]")
        if voiced and stopped and page.evaluate(SPEAKS) is False:
            found.append(stopped - voiced)
            print(f"{len(found):3} {found[-1]:7.1f} ms", flush=True)
        page.wait_for_function("() => document.body.dataset.state === 'listening'")
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--times", type=int, default=20)
    parser.add_argument("--store", type=Path, default=Path("stores/demo"))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        microphone = recording(Path(folder) / "microphone.wav")
        sound = [f"--use-file-for-fake-audio-capture={microphone}", "--autoplay-policy=no-user-gesture-required"]
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, *sound])
        with served(options.store, Path(folder)) as kiosk, chromium:
            context = chromium.new_context(permissions=["microphone"])
            context.set_default_timeout(60_000)
            context.add_init_script(WATCH)
            page = context.new_page()
            page.goto(kiosk.address)
            expect(page.locator("body")).to_have_attribute("data-microphone", "on")
            found = interruptions(page, options.times)
    p50, p95 = np.percentile(found, [50, 95])
    print(f"from the first voiced sound to silence: p50 {p50:.0f} ms, p95 {p95:.0f} ms, n {len(found)}")
    sys.exit(0 if p50 <= BOUND else 1)


if __name__ == "__main__":
    main()
