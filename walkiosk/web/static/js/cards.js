// The goods on the screen: picture, price, own deal, sizes, the scene, "I'll take it".

import { byId, icon, make } from "./dom.js";
import { pictureOf } from "./pictures.js";
import { money, word } from "./words.js";

const FEW = 5; // units left from which on we say so

/** `touch(action)` is called for a choice, `play(card)` for a scene. */
export function makeCards({ touch, play }) {
  function show(cards, currency) {
    const list = byId("cards");
    list.dataset.count = cards.length;
    document.body.dataset.goods = cards.length ? "some" : "none";
    list.replaceChildren(...cards.map((card, place) => item(card, place, currency)));
  }

  function item(card, place, currency) {
    const id = `card-${card.number}`;
    const about = make(
      "form",
      { class: "about" },
      make("h3", { id, tabindex: -1 }, make("bdi", {}, card.name)),
      details(card),
      prices(card, currency),
      card.sizes.length > 1 ? sizes(card) : null,
      make("button", { type: "submit", class: "strong take", disabled: card.stock === 0 }, word(card.stock ? "take_it" : "sold_out")),
    );
    about.addEventListener("submit", (event) => {
      event.preventDefault();
      touch(choice(card, new FormData(about).get("size")));
    });
    const article = make("article", { class: "card", "aria-labelledby": id, "data-scan": true }, picture(card), about);
    article.style.setProperty("--place", place);
    return make("li", {}, article);
  }

  function picture(card) {
    return make(
      "div",
      { class: "picture" },
      ...pictureOf(card, card.name),
      make("span", { class: "number", "aria-hidden": "true" }, String(card.number)),
      card.clip
        ? make("button", { type: "button", class: "play", onclick: () => play(card) }, icon("play"), word("play_scene"))
        : null,
    );
  }

  return { show };
}

function details(card) {
  const parts = [card.colour, card.sizes.length > 1 ? "" : card.size].filter(Boolean).join(" · ");
  const line = make("p", { class: "details" }, parts);
  if (card.stock > 0 && card.stock <= FEW) {
    line.append(parts ? " · " : "", make("span", { class: "last" }, word("stock_left", { count: card.stock })));
  }
  return line;
}

function prices(card, currency) {
  if (card.deal_cents === null) return make("p", { class: "prices" }, make("span", { class: "price" }, money(card.price_cents, currency)));
  return make(
    "p",
    { class: "prices" },
    make("span", { class: "price" }, money(card.deal_cents, currency)),
    make("s", {}, make("span", { class: "unseen" }, `${word("shelf_price")} `), money(card.price_cents, currency)),
    make("span", { class: "deal" }, word("your_price")),
  );
}

function sizes(card) {
  return make(
    "fieldset",
    {},
    make("legend", {}, word("size")),
    make(
      "div",
      { class: "sizes" },
      ...card.sizes.map((size) =>
        make("label", { class: "chip" }, make("input", { type: "radio", name: "size", value: size, checked: size === card.size }), make("span", {}, size)),
      ),
    ),
  );
}

/** The words of an action; a size with spaces stands in quotes. */
function choice(card, chosen) {
  const size = chosen ?? card.size;
  const slot = !size ? "" : /\s/.test(size) ? ` size="${size}"` : ` size=${size}`;
  return `choose ${card.number}${slot} quantity=1`;
}
