// Reads the screen to who does not see it, in the kiosk's own voice: what has the focus, and the goods after a reply.

import { byId } from "./dom.js";
import { language, word } from "./words.js";

const LONGEST = 600; // letters, as in messages.py
const clean = (text) => text.replace(/\s+/g, " ").trim();

/** `send(message)` goes to the server; `said(text)` shows what is read to who reads captions. */
export function makeReading({ comfort, send, said }) {
  function say(text) {
    const cut = clean(text).slice(0, LONGEST);
    if (!cut || !comfort.get("voice")) return;
    said(cut);
    send({ kind: "read", text: cut, language: language() });
  }

  /** What the focus is on; what the page itself gave the focus to is part of a reply, which is spoken. */
  function point(element) {
    if (comfort.get("read") && element.tabIndex >= 0) say(named(element));
  }

  /** The goods on the screen, each with its number and price. */
  function goods() {
    if (!comfort.get("read")) return;
    const cards = [...document.querySelectorAll("#cards .card")].filter((card) => card.checkVisibility());
    say(cards.map((card, place) => `${place + 1}: ${card.querySelector("h3").textContent}, ${card.querySelector(".price").textContent}.`).join(" "));
  }

  document.addEventListener("focusin", ({ target }) => comfort.get("scan") === "off" && point(target)); // else the frame is read
  byId("language").addEventListener("change", () => point(byId("language")));
  document.addEventListener("change", ({ target }) => target.matches("input[type=radio], input[type=checkbox]") && point(target));
  return { point, goods, say };
}

/** An element's name, and what it is, as one sentence. */
function named(element) {
  const label = element.labels?.[0];
  const name = element.getAttribute("aria-label") ?? (label ?? element).innerText;
  const group = element.closest("fieldset")?.querySelector("legend")?.textContent ?? element.closest(".card")?.querySelector("h3")?.textContent;
  const parts = [group && element.type === "radio" ? group : "", clean(name)];
  if (element.matches(".take")) parts.push(clean(element.closest(".card").querySelector("h3").textContent));
  if (element.matches("button, a")) parts.push(word("role_button"));
  else if (element.matches("select")) parts.push(element.selectedOptions[0]?.textContent ?? "");
  else if (element.checked) parts.push(word("role_chosen"));
  else if (element.matches("input[type=text], input[type=password], textarea")) parts.push(word("role_field"), element.type === "password" ? "" : element.value);
  return `${parts.map(clean).filter(Boolean).join(", ")}.`;
}
