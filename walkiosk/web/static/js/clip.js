// The scene's clip, in a dialog.

import { byId } from "./dom.js";
import { fileOf } from "./pictures.js";

export function makeClip() {
  const dialog = byId("clip");
  const video = byId("clip-video");
  byId("clip-close").addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  dialog.addEventListener("close", () => {
    video.pause();
    video.removeAttribute("src");
    video.load();
  });

  function play(card) {
    byId("clip-title").textContent = card.name;
    video.src = fileOf(card.clip);
    dialog.showModal();
    video.play().catch(() => {}); // where the browser refuses, the controls are there
  }

  return { play, close: () => dialog.close() };
}
