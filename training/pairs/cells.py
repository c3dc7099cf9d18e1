"""Which data each of the 36 cells is built of, what it stands for, and what its licence allows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from training.pairs import (
    animations,
    diamonds,
    drawings,
    emoji,
    fashion_mnist,
    note_lamp,
    speech,
    tunes,
    weekly_sales,
    words,
)
from training.paths import CACHE

PAIRS = CACHE / "pairs"
UCI = "811 articles' weekly units over a year (UCI Sales Transactions, Tan and San Lau, 2014)"
BOOKS = "tunes of Aird's Airs, Ryan's Mammoth Collection and O'Neill's Music of Ireland"
PICTURES = "Fluent 3D emoji at 64 pixels"
FILMS = "Fluent emoji animations at 64 pixels and 4 frames a second"
CLOTHES = "Fashion-MNIST (Xiao et al., 2017)"
CC_BY, PUBLIC = "CC BY 4.0", "public domain (tunes); sound made by walkiosk"
FLUENT, OURS = "MIT (pictures), Unicode-3.0 (names)", "our own texts, spoken by espeak-ng"


@dataclass(frozen=True)
class Cell:
    """One input modality and one target modality, with a small real set of pairs."""

    source: str
    target: str
    use: str  # the problem that it stands for
    data: str  # which, and how many pairs
    licence: str
    shown: bool  # whether samples may be committed
    build: Callable[[Path], None]  # writes pairs.jsonl and its media into an empty folder

    @property
    def name(self) -> str:
        return f"{self.source}-{self.target}"


# fmt: off
# A cell is four lines: modalities, use, data, what its licence allows and how it is built.
CELLS = (
    Cell("scalar", "scalar",
         "A jeweller must name a price for a stone of which only weight and grades are known.",
         "6,000 of 53,940 diamonds: carats, cut, colour and clarity → dollars (ggplot2's diamonds)",
         "MIT (package plotnine)", True, diamonds.weight_and_grades_to_price),
    Cell("scalar", "trend",
         "An article has been on the shelf for one week, and half a year must be planned.",
         f"3,244 windows of {UCI}: a week's units → the 24 weeks behind it",
         CC_BY, True, weekly_sales.week_to_half_year),
    Cell("scalar", "text",
         "Whoever cannot read the display wants to hear the price in words.",
         "6,000 prices up to 99.99 → English words",
         "our own, spelled out by num2words", True, words.price_to_words),
    Cell("scalar", "image",
         "A new article has a category number but no picture yet, and the tile must show something like it.",
         f"5,000 pictures of {CLOTHES}: class 0 to 9 → picture",
         "MIT", True, fashion_mnist.class_to_picture),
    Cell("scalar", "audio",
         "An order is ready and its number must be called.",
         "1,000 numbers → their three digits",
         OURS, True, speech.number_to_speech),
    Cell("scalar", "video",
         "A sign above a counter must move and fit the goods there, of which only the shelf's number is known.",
         f"number of the kind → 1,148 {FILMS}",
         FLUENT, True, animations.kind_to_film),
    Cell("trend", "scalar",
         "How many of an article must be ordered today to last for the next four weeks?",
         f"3,244 windows of {UCI}: 30 weeks → sum of the next 4",
         CC_BY, True, weekly_sales.history_to_month),
    Cell("trend", "trend",
         "A buyer wants to see the next ten weeks of an article before they come.",
         f"3,244 windows of {UCI}: 30 weeks → the next 10",
         CC_BY, True, weekly_sales.history_to_future),
    Cell("trend", "text",
         "Somebody hums a tune at the counter, and the shop must know in which key and metre to look for it.",
         f"6,500 stretches of {BOOKS}: pitch curve → key and metre",
         PUBLIC, True, tunes.curve_to_key),
    Cell("trend", "image",
         "Nobody reads a column of figures: the office wants a chart of them.",
         f"3,965 half-years of {UCI} → bar chart",
         CC_BY, True, weekly_sales.series_to_chart),
    Cell("trend", "audio",
         "A melody is only known as a curve of pitch, and the attract screen must play it.",
         f"1,500 melodies of {BOOKS}: pitch curve → sound",
         PUBLIC, True, tunes.curve_to_sound),
    Cell("trend", "video",
         "A screen in the staff room should show how a half-year went, week by week.",
         f"1,491 half-years of {UCI} → bar chart that grows",
         CC_BY, True, weekly_sales.series_to_growing_chart),
    Cell("text", "scalar",
         "A customer says in his own words what he wants, and one of seven counters must be named.",
         "8,000 requests of Snips (Coucke et al., 2018) → number of the intent",
         "CC0", True, words.request_to_service),
    Cell("text", "trend",
         "A jingle is written in letters, and a buzzer that only knows pitches must play it.",
         f"5,000 stretches of {BOOKS}: ABC notation → pitch curve",
         PUBLIC, True, tunes.notation_to_curve),
    Cell("text", "text",
         "Articles come in many variants, all named in English, and some of their Spanish names are missing.",
         "3,931 names of emoji in all their variants, English → Spanish (Unicode's CLDR)",
         "Unicode-3.0", True, emoji.name_to_spanish),
    Cell("text", "image",
         "An article has a name and no picture, and its tile is empty.",
         f"English name → 2,460 {PICTURES}",
         FLUENT, True, emoji.name_to_picture),
    Cell("text", "audio",
         "An order must be read back to a customer who looks at his trolley and not at the screen.",
         '648 orders such as "three red apples" → speech of one voice',
         OURS, True, speech.text_to_speech),
    Cell("text", "video",
         "A seasonal sign is wanted in motion and only its name is given.",
         f"English name → 1,282 {FILMS}",
         FLUENT, True, animations.name_to_film),
    Cell("image", "scalar",
         "Returned clothes pile up and each must go to the shelf of its kind.",
         f"all 70,000 pictures of {CLOTHES} → class 0 to 9",
         "MIT", True, fashion_mnist.picture_to_class),
    Cell("image", "trend",
         "Of last year's sales only a printed chart is left.",
         f"bar charts of 1,491 half-years of {UCI} → the 24 values",
         CC_BY, True, weekly_sales.chart_to_series),
    Cell("image", "text",
         "A picture was put into the catalogue without a name, and nobody can search for it.",
         "1,905 pictures of 291 animals, plants, dishes and drinks, drawn by six hands → English name",
         "MIT, Apache-2.0, CC BY 4.0 (pictures), Unicode-3.0 (names)", True, drawings.drawing_to_name),
    Cell("image", "image",
         "A supplier's catalogue has line drawings and the screen wants colours.",
         f"edges → 2,460 {PICTURES}",
         FLUENT, True, emoji.sketch_to_picture),
    Cell("image", "audio",
         "A blind customer holds a piece of clothing to the camera and asks what it is.",
         f"3,000 pictures of {CLOTHES} → the name of the class, spoken",
         "MIT; names spoken by espeak-ng", True, fashion_mnist.picture_to_speech),
    Cell("image", "video",
         "A still sign is overlooked and should move.",
         f"{PICTURES} → 1,282 {FILMS}",
         FLUENT, True, animations.picture_to_film),
    Cell("audio", "scalar",
         "Music in the shop should suit the hour, and nobody noted how fast each piece is.",
         f"1,200 openings of {BOOKS} at a drawn tempo → crotchets a minute",
         PUBLIC, True, tunes.sound_to_tempo),
    Cell("audio", "trend",
         "A singer wants to see whether the notes were met.",
         f"1,500 melodies of {BOOKS}: sound → pitch every 50 ms",
         PUBLIC, True, tunes.sound_to_curve),
    Cell("audio", "text",
         "A customer says what he would like and the order must be on the screen.",
         '648 orders such as "three red apples", each by 3 of 13 voices → text, 1,944 pairs',
         OURS, True, speech.speech_to_text),
    Cell("audio", "image",
         "A customer names a kind of clothes and wants to see one.",
         f"20 speakers at 3 pitches and speeds name the classes of {CLOTHES} → a picture of that class, 1,800 pairs",
         "MIT; names spoken by espeak-ng", True, fashion_mnist.speech_to_picture),
    Cell("audio", "audio",
         "An order's number is called in French and the next customer knows Spanish only.",
         "1,000 numbers, called in French by 3 voices → called in Spanish",
         OURS, True, speech.french_to_spanish),
    Cell("audio", "video",
         "A customer who cannot hear wants to see what the melody does.",
         f"1,500 melodies of {BOOKS}: sound → a lamp that rises with the pitch",
         PUBLIC, True, note_lamp.sound_to_film),
    Cell("video", "scalar",
         "Moving signs from many suppliers must be sorted into shelves by what they show.",
         f"1,148 {FILMS} → label of one of 26 shelves",
         FLUENT, True, animations.film_to_kind),
    Cell("video", "trend",
         "How much moves before the camera, and when? A restless sign tires those who wait.",
         f"1,282 {FILMS} → movement 8 times a second",
         FLUENT, True, animations.film_to_motion),
    Cell("video", "text",
         "A film was put into the library without a word about it.",
         f"1,148 {FILMS} → the kind in words",
         FLUENT, True, animations.film_to_words),
    Cell("video", "image",
         "Where before the camera do people move? The office wants one picture of the day and no film.",
         f"1,282 {FILMS} → where they move, in red",
         FLUENT, True, animations.film_to_heat),
    Cell("video", "audio",
         "Somebody conducts a lamp that rises and falls, and the melody should be heard.",
         f"1,500 melodies of {BOOKS}: a lamp that rises with the pitch → sound",
         PUBLIC, True, note_lamp.film_to_sound),
    Cell("video", "video",
         "The same moving sign must run on an e-paper label, which knows ink and paper alone.",
         f"1,282 {FILMS} → their edges, frame by frame",
         FLUENT, True, animations.film_to_lines),
)
# fmt: on
