// The dialog in which everything that makes the page easier is chosen, and its two short cuts in the page's head.

import { CHOICES, PACES, SWITCHES } from "./comfort.js";
import { byId, make } from "./dom.js";
import { knows, language, word } from "./words.js";

// Every word by its name, so that one that nobody asks for is noticed.
const NAMES = {
  size: { title: "text_size", normal: "size_normal", large: "size_large", largest: "size_largest" },
  colours: { title: "colours", standard: "colours_standard", contrast: "colours_contrast", dark: "colours_dark" },
  scan: { title: "scan", off: "scan_off", one: "scan_one", two: "scan_two" },
};
const HOW = { one: "scan_one_how", two: "scan_two_how" };

/** `speakIn(code)` is called for a language, `tell(text)` for what who does not look must know. */
export function makeEase({ comfort, speakIn, tell }) {
  const dialog = byId("ease-dialog");
  const groups = byId("ease-groups");
  const how = make("p", { class: "hint" });
  const now = make("span", { class: "pace-now" });
  const languages = make("div", { class: "chips", "data-scan": true });

  const choice = (name) =>
    make(
      "fieldset",
      {},
      make("legend", { "data-word": NAMES[name].title }),
      make("div", { class: "chips", "data-scan": true }, ...CHOICES[name].map((value) => chip(name, value))),
    );
  const chip = (name, value) =>
    make(
      "label",
      { class: "chip" },
      make("input", { type: "radio", name, value, onchange: () => comfort.set(name, value) }),
      make("span", { "data-word": NAMES[name][value] }),
    );
  const toggle = (name) =>
    make(
      "label",
      { class: "toggle" },
      make("input", { type: "checkbox", role: "switch", name, onchange: ({ target }) => comfort.set(name, target.checked) }),
      make("span", { "data-word": name }),
    );
  const faster = (key, step) => make("button", { type: "button", class: "quiet", "data-word": key, onclick: () => pace(step) });

  groups.addEventListener("submit", (event) => event.preventDefault());
  groups.append(
    choice("size"),
    choice("colours"),
    make("div", { class: "toggles", "data-scan": true }, ...SWITCHES.map(toggle)),
    choice("scan"),
    make(
      "fieldset",
      { class: "pace" },
      make("legend", { "data-word": "pace" }),
      make("div", { class: "chips", "data-scan": true }, faster("pace_slower", 1), now, faster("pace_faster", -1)),
    ),
    how,
    make("fieldset", {}, make("legend", { "data-word": "language" }), languages),
  );

  function pace(step) {
    const place = PACES.indexOf(comfort.get("pace")) + step;
    if (place in PACES) comfort.set("pace", PACES[place]);
    tell(now.textContent);
  }

  function open(shop) {
    const codes = shop.languages.filter(knows);
    languages.replaceChildren(
      ...codes.map((code) => make("button", { type: "button", class: "quiet", lang: code, onclick: () => speakIn(code) }, word("language_name", {}, code))),
    );
  }

  /** Writes what is set, in the language of the page. */
  function show() {
    for (const name of Object.keys(CHOICES)) groups.elements[name].value = comfort.get(name);
    for (const name of SWITCHES) groups.elements[name].checked = comfort.get(name);
    for (const name of ["size", "colours"]) {
      const label = `${word(NAMES[name].title)}: ${word(NAMES[name][comfort.get(name)])}`;
      byId(name).setAttribute("aria-label", label);
      byId(name).title = label;
    }
    const seconds = new Intl.NumberFormat(language()).format(comfort.get("pace"));
    now.textContent = word("pace_now", { count: seconds });
    how.textContent = comfort.get("scan") in HOW ? word(HOW[comfort.get("scan")]) : comfort.get("read") ? word("read_how") : "";
    byId("shelf-pause").setAttribute("aria-pressed", String(comfort.get("still")));
  }

  for (const name of ["size", "colours"]) {
    byId(name).addEventListener("click", () => {
      comfort.next(name);
      tell(byId(name).title);
    });
  }
  byId("shelf-pause").addEventListener("click", () => comfort.set("still", !comfort.get("still")));
  byId("ease").addEventListener("click", () => {
    show();
    dialog.showModal();
  });
  byId("ease-close").addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  return { open, show, close: () => dialog.close() };
}
