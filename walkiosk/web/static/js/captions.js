// What is heard and what is said, large, above the controls, for who has asked for captions.
//
// The band is for eyes: it is hidden from screen readers. They read `told`, and only what the kiosk does not say aloud.

import { byId } from "./dom.js";
import { language } from "./words.js";

const TOLD_MS = 4000; // long enough to be read out; then it must not be found twice

export function makeCaptions() {
  let timer = 0;

  function write(id, text, code) {
    byId(id).textContent = text;
    byId(id).lang = code;
    byId("captions").classList.toggle("empty", !byId("caption-heard").textContent && !byId("caption-said").textContent);
  }

  /** Has a screen reader say something, once. */
  function tell(text, code = language()) {
    clearTimeout(timer);
    const told = byId("told");
    told.lang = code;
    told.textContent = text;
    timer = setTimeout(() => told.replaceChildren(), TOLD_MS);
  }

  function clear() {
    write("caption-heard", "", language());
    write("caption-said", "", language());
  }

  return {
    heard: (text, code = language()) => write("caption-heard", text && text !== "…" ? `“${text}”` : text, code),
    said: (text, code = language()) => write("caption-said", text, code),
    tell,
    clear,
  };
}
