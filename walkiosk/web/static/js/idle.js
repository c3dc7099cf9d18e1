// Nobody's conversation stays on the screen: after a while we ask, then start over.

import { byId } from "./dom.js";
import { word } from "./words.js";

const QUIET_MS = 60_000; // until we ask
const COUNTDOWN_S = 30; // until we start over
const BUSY_STAGES = new Set(["paying", "dispensing"]);
const BUSY_STATES = new Set(["hearing", "thinking", "speaking"]);

/** `leave()` is called when nobody answers, `asked(text)` as we ask, `freshen()` when the attract screen was left.
 *
 * Returns a function to call whenever something happens. */
export function watchIdle({ leave, asked, freshen }) {
  const dialog = byId("still");
  let quietSince = Date.now();
  let askedAt = 0;

  function active() {
    quietSince = Date.now();
    if (dialog.open) dialog.close();
  }

  function check() {
    const { stage, state } = document.body.dataset;
    const quiet = Date.now() - quietSince >= QUIET_MS;
    if (stage === "attract") {
      if (dialog.open) dialog.close();
      if (!quiet) return;
      quietSince = Date.now();
      freshen();
    } else if (BUSY_STAGES.has(stage) || BUSY_STATES.has(state) || !byId("clip-video").paused) active();
    else if (dialog.open) countDown();
    else if (quiet) ask();
  }

  function ask() {
    document.querySelectorAll("dialog[open]").forEach((other) => other.close());
    askedAt = Date.now();
    dialog.showModal();
    countDown();
    asked(`${byId("still-title").textContent} ${byId("still-text").textContent} ${word("still_how")}`);
  }

  function countDown() {
    const left = COUNTDOWN_S - Math.floor((Date.now() - askedAt) / 1000);
    byId("still-text").textContent = word("still_text", { count: Math.max(left, 0) });
    if (left > 0) return;
    dialog.close();
    leave();
  }

  byId("still-no").addEventListener("click", () => {
    dialog.close();
    leave();
  });
  // Any key and any touch is an answer, and does nothing else.
  dialog.addEventListener("click", ({ target }) => target.closest("#still-no") || active());
  document.addEventListener(
    "keydown",
    (event) => {
      const answers = dialog.open;
      active();
      if (!answers) return;
      event.preventDefault();
      event.stopImmediatePropagation();
    },
    true,
  );
  for (const event of ["pointerdown", "input", "wheel"]) {
    document.addEventListener(event, () => dialog.open || active(), { passive: true });
  }
  setInterval(check, 1000);
  return active;
}
