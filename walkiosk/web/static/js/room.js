// How much room there is: the window's size in letters, so that large type is laid out as a smaller window is.

const SCALES = { normal: 1, large: 1.3, largest: 1.7 }; // as in base.css

/** Writes what fits into classes of html, now and whenever the window changes; `size()` is the size of the type. */
export function watchRoom(size) {
  function measure() {
    const scale = SCALES[size()];
    const [width, height] = [innerWidth / scale, innerHeight / scale];
    const portrait = innerHeight >= innerWidth;
    const fits = {
      portrait,
      slim: width <= 300, // one tile beside no other
      phone: width <= 640, // one column of everything
      narrow: width <= 760,
      column: width <= 980 || portrait, // the basket goes below the goods
      roomy: width > 1100,
      wide: width > 760 && innerWidth >= 1.25 * innerHeight,
      tall: portrait && width >= 900,
      flat: !portrait && height <= 900,
      low: width > 760 && height <= 620,
      shallow: height <= 420, // head and dock would leave too little between them
    };
    for (const [name, fit] of Object.entries(fits)) document.documentElement.classList.toggle(name, fit);
  }

  addEventListener("resize", measure);
  measure();
  return measure;
}
