// The basket, paying, the machine's animation, and feedback.

import { iconButton } from "./answer.js";
import { byId, icon, make } from "./dom.js";
import { money, word } from "./words.js";

const STARS = [1, 2, 3, 4, 5];
const DOING = { paying: "paying", dispensing: "dispensing", thanks: "take_goods" };

/** `touch(action, text)` is called for what the customer touches, `done()` when they leave. */
export function makeSale({ touch, done }) {
  const feedback = byId("feedback");

  byId("checkout").addEventListener("click", () => touch("checkout"));
  byId("pay").addEventListener("click", () => touch("pay"));
  byId("keep-shopping").addEventListener("click", () => {
    document.body.dataset.stage = "talk";
  });
  byId("done").addEventListener("click", done);
  feedback.addEventListener("submit", (event) => {
    event.preventDefault();
    const stars = chosenStars();
    const text = byId("feedback-words").value.trim();
    byId("feedback-error").textContent = stars || text ? "" : word("feedback_empty");
    if (stars || text) touch(`feedback${stars ? ` stars=${stars}` : ""}${text ? " words" : ""}`, text || null);
    else byId("stars").querySelector("input").focus();
  });
  byId("stars").replaceChildren(...STARS.map(star));

  function star(count) {
    const input = make("input", { type: "radio", name: "stars", value: count, onchange: light });
    return make("label", {}, input, icon("star"));
  }

  function chosenStars() {
    return Number(new FormData(feedback).get("stars") ?? 0);
  }

  function light() {
    byId("stars")
      .querySelectorAll("label")
      .forEach((label, place) => label.classList.toggle("lit", place < chosenStars()));
  }

  function show(reply, currency) {
    const total = money(reply.total_cents, currency);
    document.body.dataset.basket = reply.basket.length ? "full" : "empty";
    byId("basket-lines").replaceChildren(...reply.basket.map((line, place) => item(line, currency, place + 1)));
    byId("receipt-lines").replaceChildren(...reply.basket.map((line) => item(line, currency)));
    byId("basket-total").textContent = byId("receipt-total").textContent = total;
    byId("pay").textContent = word("pay", { total });
    byId("doing").textContent = reply.stage in DOING ? word(DOING[reply.stage]) : "";
    byId("stars")
      .querySelectorAll("input")
      .forEach((input) => input.setAttribute("aria-label", word("stars", { count: input.value })));
    feedback.classList.toggle("sent", reply.event === "feedback_thanks");
  }

  function item(line, currency, number = 0) {
    const times = line.quantity > 1 ? make("span", { class: "times" }, ` × ${line.quantity}`) : null;
    return make(
      "li",
      {},
      make("span", {}, line.name, ...(times ? [times] : [])),
      make("span", { class: "amount" }, money(line.price_cents * line.quantity, currency)),
      number ? iconButton("close", word("remove", { name: line.name }), () => touch(`remove ${number}`)) : null,
    );
  }

  function forget() {
    feedback.reset();
    byId("feedback-error").textContent = "";
    feedback.classList.remove("sent");
    light();
  }

  return { show, forget };
}
