// Pictures of goods: a photograph fills its place, a drawing lies on a ground drawn for it, and what has neither is a tile.

import { make } from "./dom.js";

/** Where the server keeps a picture or clip of the shop. */
export function fileOf(path) {
  return `/store/${path.split("/").map(encodeURIComponent).join("/")}`;
}

/** The images of `{sku, image}`; `alt` is "" where the name stands beside it. */
export function pictureOf({ sku, image }, alt) {
  const drawn = (kind) => `/${kind}/${encodeURIComponent(sku)}`;
  if (!image) return [make("img", { src: drawn("tile"), alt })];
  const shown = make("img", { src: fileOf(image), alt });
  shown.addEventListener("error", () => shown.replaceWith(make("img", { src: drawn("tile"), alt })), { once: true });
  if (!image.endsWith(".svg")) return [shown];
  shown.classList.add("drawing");
  return [make("img", { src: drawn("ground"), alt: "", class: "ground" }), shown];
}
