// The page by keyboard: numbers go to goods, arrows walk along them, Escape silences, any key begins.

import { byId } from "./dom.js";

const PAGE = document.body.dataset;
// Where arrows walk: the buttons of one of these.
const WALKS = ["#languages button", "#options button", "#cards .take", "#shelf button", "#offered button", "#pin-keys button", "#keyboard button"];
const STEPS = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };
const TYPED = "input:not([type=radio]):not([type=checkbox]), textarea, select";

const seen = (selector) => [...document.querySelectorAll(selector)].filter((element) => element.checkVisibility() && !element.disabled);

/** `wake()`, `hush()`, `scan()` and `read()` are called for keys that have no button under them. */
export function watchKeys({ comfort, wake, hush, scan, read }) {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "F1") {
      event.preventDefault();
      read();
    } else if (document.querySelector("dialog[open]")) return;
    else if (event.key === "Escape") hush();
    else if (document.activeElement.matches(TYPED)) return;
    else if (event.key in STEPS || event.key === "Home" || event.key === "End") walk(event);
    else if (/^[1-9]$/.test(event.key) && comfort.get("digits")) goTo(event);
    else if (nobodyHasFocus()) begin(event);
  });

  /** Nothing has the focus: on the attract screen a key wakes, elsewhere it begins to type. */
  function begin(event) {
    const waiting = PAGE.stage === "attract";
    if (event.key === " " && waiting) {
      event.preventDefault();
      scan();
    } else if (event.key === "Enter" && waiting) wake();
    else if (event.key.length === 1 && event.key !== " ") byId("text").focus(); // which the key then reaches
  }
}

const nobodyHasFocus = () => [document.body, byId("main"), byId("answer-title")].includes(document.activeElement);

/** Moves the focus to the good, option or star of that number; the key itself changes nothing. */
function goTo(event) {
  if (PAGE.asks === "pin" && PAGE.stage !== "attract") return byId("pin-digits").focus();
  const wanted = numbered()[Number(event.key) - 1];
  if (!wanted) return;
  event.preventDefault();
  wanted.focus();
  wanted.scrollIntoView({ block: "nearest" });
}

/** What numbers stand for: stars, goods ("I'll take it", or the name of what is sold out), else what is to choose from. */
function numbered() {
  if (PAGE.stage === "thanks") return seen("#stars input");
  const cards = seen("#cards > li").map((item) => item.querySelector(".take:not(:disabled)") ?? item.querySelector("h3"));
  return cards.length ? cards : seen("#options button, #offered button");
}

function walk(event) {
  const walked = WALKS.map(seen).find((buttons) => buttons.includes(document.activeElement));
  if (!walked) return;
  event.preventDefault();
  const sideways = event.key === "ArrowLeft" || event.key === "ArrowRight";
  const step = STEPS[event.key] * (sideways && document.documentElement.dir === "rtl" ? -1 : 1);
  const place = walked.indexOf(document.activeElement);
  const next = event.key === "Home" ? 0 : event.key === "End" ? walked.length - 1 : (place + step + walked.length) % walked.length;
  walked[next].focus();
}
