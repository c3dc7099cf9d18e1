// The attract screen: the shop's name, one line that goes through the shop's languages, and what the model made.

import { byId, make } from "./dom.js";
import { knows, language, word } from "./words.js";
import { makeWorks } from "./works.js";

const LINE_MS = 4500; // as long as the animation of .line.changing

/** `chosen(code)` is called when the customer touches a language, or with "" anywhere else; `rests()` says whether
 * nothing may move now; `sounds(files)` is told the generated sounds. */
export function makeAttract({ chosen, rests, sounds }) {
  const works = makeWorks({ rests, sounds });
  const line = byId("attract-line");
  let codes = [];
  let phrase = "";
  let place = 0;

  function show() {
    // Who asked for less motion reads one language; the others have their buttons below.
    const code = rests() ? language() : codes[place % codes.length];
    line.lang = code;
    line.textContent = word("attract_line", {}, code);
    // The wake phrase is no use before the microphone may listen.
    byId("attract-how").textContent = word(document.body.dataset.microphone === "on" ? "attract_how" : "attract_how_touch", { phrase });
    works.rest();
  }

  function turn() {
    if (rests()) return;
    place += 1;
    line.classList.remove("changing");
    void line.offsetWidth; // lets the animation begin anew
    line.classList.add("changing");
    show();
  }

  function open(shop) {
    codes = shop.languages.filter(knows);
    phrase = shop.wake_phrase;
    byId("languages").replaceChildren(
      ...codes.map((code) => make("button", { type: "button", lang: code, onclick: () => chosen(code) }, word("language_name", {}, code))),
    );
    line.classList.add("changing");
    show();
  }

  byId("made").addEventListener("click", () => chosen(""));
  byId("attract").addEventListener("click", ({ target }) => target.closest("button") || chosen(""));
  setInterval(() => document.body.dataset.stage === "attract" && codes.length && turn(), LINE_MS);
  return { open, show };
}
