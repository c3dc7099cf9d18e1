// Some of the shop's goods: they come and go slowly on the attract screen, and stand below a reply that shows none.

import { byId, make } from "./dom.js";
import { pictureOf } from "./pictures.js";
import { language, money } from "./words.js";

const SHOWN = 6; // tiles on the attract screen; a small screen hides the last ones
const OFFERED = 12; // below a reply
const ORDER = [0, 3, 1, 4, 2, 5]; // in which the tiles change
const CHANGE_MS = 5000; // from one tile's change to the next one's

/** `chosen(good)` is called for a touch; `rests()` says whether nothing may move now. */
export function makeShelf({ chosen, rests }) {
  let goods = [];
  let currency = "EUR";
  let loaded = ""; // the language of the goods
  let coming = 0; // the next of the goods to be shown
  let turns = 0;

  function tile(good) {
    return make(
      "li",
      {},
      make(
        "button",
        { type: "button", class: "good", onclick: () => chosen(good) },
        make("span", { class: "picture" }, ...pictureOf(good, "")),
        make("span", { class: "name" }, make("bdi", {}, good.name)),
        make("span", { class: "price" }, money(good.price_cents, currency)),
      ),
    );
  }

  /** Gets the goods as they are called in the page's language, unless they are there. */
  async function show(shop) {
    const code = language();
    if (loaded === code) return;
    [currency, loaded] = [shop.currency, code];
    const response = await fetch(`/shelf/${code}`).catch(() => null);
    if (!response?.ok || loaded !== code) return;
    goods = await response.json();
    draw();
  }

  function draw() {
    coming = Math.min(SHOWN, goods.length);
    document.body.dataset.shelf = goods.length ? "full" : "empty";
    byId("shelf").replaceChildren(...goods.slice(0, SHOWN).map(tile));
    byId("offered").replaceChildren(...goods.slice(0, OFFERED).map(tile));
  }

  function turn() {
    const list = byId("shelf");
    const still = document.body.dataset.stage !== "attract" || goods.length <= SHOWN || rests();
    if (still || list.matches(":hover, :focus-within")) return;
    const next = tile(goods[coming % goods.length]);
    next.classList.add("coming");
    list.children[ORDER[turns % SHOWN]].replaceWith(next);
    coming += 1;
    turns += 1;
  }

  setInterval(turn, CHANGE_MS);
  return {
    show,
    /** Some may have been sold: the next customer gets them anew. */
    forget() {
      loaded = "";
    },
  };
}
