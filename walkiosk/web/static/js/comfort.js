// Larger text and high contrast, for whoever stands here now.

import { byId } from "./dom.js";

const SWITCHES = ["larger", "contrast"];

function set(name, on) {
  document.documentElement.classList.toggle(name, on);
  byId(name).setAttribute("aria-pressed", String(on));
}

export function makeComfort() {
  for (const name of SWITCHES) {
    byId(name).addEventListener("click", () => set(name, byId(name).getAttribute("aria-pressed") !== "true"));
  }
  return { forget: () => SWITCHES.forEach((name) => set(name, false)) };
}
