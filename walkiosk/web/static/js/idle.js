// Nobody's conversation stays on the screen: after a while we ask, then start over.

import { byId } from "./dom.js";
import { word } from "./words.js";

const QUIET_MS = 60_000; // until we ask
const COUNTDOWN_S = 20; // until we start over
const BUSY_STAGES = new Set(["attract", "paying", "dispensing"]);
const BUSY_STATES = new Set(["hearing", "thinking", "speaking"]);

/** `leave()` is called when nobody answers; returns a function to call whenever something happens. */
export function watchIdle(leave) {
  const dialog = byId("still");
  let quietSince = Date.now();
  let askedAt = 0;

  function active() {
    quietSince = Date.now();
    if (dialog.open) dialog.close();
  }

  function check() {
    const { stage, state } = document.body.dataset;
    if (BUSY_STAGES.has(stage) || BUSY_STATES.has(state)) active();
    else if (dialog.open) countDown();
    else if (Date.now() - quietSince >= QUIET_MS) ask();
  }

  function ask() {
    document.querySelectorAll("dialog[open]").forEach((other) => other.close());
    askedAt = Date.now();
    dialog.showModal();
    countDown();
  }

  function countDown() {
    const left = COUNTDOWN_S - Math.floor((Date.now() - askedAt) / 1000);
    byId("still-text").textContent = word("still_text", { count: Math.max(left, 0) });
    if (left > 0) return;
    dialog.close();
    leave();
  }

  byId("still-yes").addEventListener("click", active);
  byId("still-no").addEventListener("click", () => {
    dialog.close();
    leave();
  });
  dialog.addEventListener("cancel", active);
  for (const event of ["keydown", "pointerdown", "input", "wheel"]) {
    document.addEventListener(event, () => dialog.open || active(), { passive: true });
  }
  setInterval(check, 1000);
  return active;
}
