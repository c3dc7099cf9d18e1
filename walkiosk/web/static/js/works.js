// What the kiosk's own model made, one thing after the other on the attract screen: texts, pictures, curves, films, and
// a word of the sounds, which are played where the jingle is.

import { byId, icon, make } from "./dom.js";
import { word } from "./words.js";

const SHOWN_MS = 12_000; // the longest text is read by then
const SVG = "http://www.w3.org/2000/svg";
const [WIDTH, HEIGHT, MARGIN] = [400, 100, 4]; // of a curve, in its own units; the line has a width
// A line says of each kind who made it.
const SAYS = { text: "made_text", image: "made_picture", trend: "made_curve", video: "made_film", audio: "made_sound" };
const THINGS = { text, image, trend: curve, video: film, audio: sound };

const fileOf = (work) => `/attract/${encodeURIComponent(work.file)}`;

/** `rests()` says whether nothing may move now, `sounds(files)` is told the sounds whenever was looked for works. */
export function makeWorks({ rests, sounds }) {
  let works = []; // the sounds are one among them
  let coming = 0;
  let visit = 0; // of the attract screen: what an earlier one has waited for is not shown
  let timer = 0;

  /** Looks what is there. */
  async function load() {
    const response = await fetch("/attract").catch(() => null);
    if (!response?.ok) return;
    const found = await response.json();
    const audio = found.filter(({ kind }) => kind === "audio");
    sounds(audio.map(fileOf));
    works = found.filter((work) => work.kind !== "audio" || work === audio[0]);
  }

  /** Begins as the attract screen comes, where the last visit ended; elsewhere nothing goes on unseen. */
  async function follow() {
    const mine = ++visit;
    clearInterval(timer);
    rest();
    if (document.body.dataset.stage !== "attract") return;
    timer = setInterval(() => rests() || next(mine), SHOWN_MS);
    await load();
    await next(mine);
  }

  /** Shows the next that can be shown; behind the last one the operator may have made more. */
  async function next(mine) {
    if (coming > 0 && coming >= works.length) {
      await load();
      coming = 0;
    }
    for (let tries = works.length; tries > 0 && mine === visit; tries -= 1) {
      const work = works[coming % works.length];
      const thing = await THINGS[work.kind](work).catch(() => null);
      if (mine !== visit) return;
      coming = (coming % works.length) + 1; // one more than there are: the round is through
      if (thing) return show(work, thing);
    }
    if (mine === visit) document.body.dataset.works = "empty";
  }

  function show({ kind }, thing) {
    const says = byId("made-says");
    says.dataset.word = SAYS[kind];
    says.textContent = word(SAYS[kind]);
    byId("made").dataset.kind = kind;
    byId("made-thing").replaceChildren(thing);
    document.body.dataset.works = "full";
    rest();
  }

  /** A film plays where it is seen and may move. */
  function rest() {
    const playing = byId("made-thing").querySelector("video");
    if (!playing) return;
    if (rests() || document.body.dataset.stage !== "attract") playing.pause();
    else playing.play().catch(() => {}); // its first picture stands there
  }

  new MutationObserver(follow).observe(document.body, { attributeFilter: ["data-stage"] });
  return { rest };
}

async function text(work) {
  const words = make("p", { dir: "auto", lang: "" }); // the model does not say in which language it wrote
  words.textContent = work.text;
  return words;
}

async function image(work) {
  const picture = make("img", { src: fileOf(work), alt: "" });
  await picture.decode();
  return picture;
}

async function film(work) {
  const video = make("video", { loop: true, playsinline: true, preload: "auto", "aria-hidden": "true", tabindex: "-1" });
  video.muted = true; // a sound comes only where the jingle may
  await new Promise((resolve, reject) => {
    video.addEventListener("loadeddata", resolve, { once: true });
    video.addEventListener("error", reject, { once: true });
    video.src = fileOf(work);
  });
  return video;
}

async function sound() {
  return icon("note");
}

async function curve({ values }) {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const x = (place) => (WIDTH * place) / (values.length - 1);
  const y = (value) => (high > low ? HEIGHT - MARGIN - ((HEIGHT - 2 * MARGIN) * (value - low)) / (high - low) : HEIGHT / 2);
  const points = values.map((value, place) => `${x(place).toFixed(1)} ${y(value).toFixed(1)}`);
  const drawn = document.createElementNS(SVG, "svg");
  for (const [name, value] of [["viewBox", `0 0 ${WIDTH} ${HEIGHT}`], ["preserveAspectRatio", "none"], ["aria-hidden", "true"]]) drawn.setAttribute(name, value);
  const line = document.createElementNS(SVG, "path");
  line.setAttribute("d", `M${points.join("L")}`);
  drawn.append(line);
  return drawn;
}
