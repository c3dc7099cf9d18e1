// What was heard, the reply with the sentence being spoken, what to choose from, the reason.

import { byId, icon, make } from "./dom.js";
import { knows, word } from "./words.js";

const PIN_KEYS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "0"];
const PIN = /^\d{4,12}$/;

/** `touch(action)`, `say(text)` and `speakIn(code)` are called for what the customer touches. */
export function makeAnswer({ touch, say, speakIn }) {
  const pin = byId("pin-digits");

  byId("pin").addEventListener("submit", (event) => {
    event.preventDefault();
    const right = PIN.test(pin.value);
    wrong(right ? "" : word("pin_form"), !right);
    if (!right) return pin.focus();
    if (clerk()) touch(`clerk code=${pin.value}`);
    else touch(`identify pin=${pin.value}`, byId("pin-name").value.trim() || null);
    pin.value = "";
  });
  pin.addEventListener("input", () => {
    pin.value = pin.value.replace(/\D/g, ""); // one that was pasted may have spaces
    wrong("", false);
  });
  byId("pin-show").addEventListener("click", () => reveal(pin.type === "password"));
  byId("pin-keys").replaceChildren(
    ...PIN_KEYS.map((digit) => make("button", { type: "button", onclick: () => typed(digit) }, digit)),
    make("button", { type: "button", "data-word-label": "pin_delete", onclick: () => typed("") }, "⌫"),
  );

  function typed(digit) {
    pin.value = digit ? (pin.value + digit).slice(0, pin.maxLength) : pin.value.slice(0, -1);
  }

  /** Whether it is a clerk who is asked, for the code that says that they have seen the customer's age. */
  function clerk() {
    return document.body.dataset.asks === "clerk";
  }

  /** Says what is wrong with the PIN, beside it. */
  function wrong(text, is) {
    byId("pin-error").textContent = text;
    if (is) pin.setAttribute("aria-invalid", "true");
    else pin.removeAttribute("aria-invalid");
  }

  function reveal(on) {
    pin.type = on ? "text" : "password";
    byId("pin-show").setAttribute("aria-pressed", String(on));
  }

  function caption(text) {
    byId("heard").textContent = text;
    byId("heard-line").classList.toggle("empty", !text);
  }

  function show({ reply, sentences }) {
    const spans = sentences.length ? sentences : [reply.text];
    byId("reply").replaceChildren(...spans.flatMap((text) => [make("span", {}, text), " "]));
    byId("reply").lang = byId("heard").lang = reply.language;
    caption(reply.heard);
    if (reply.asks !== document.body.dataset.asks) reveal(false);
    wrong("", reply.event === "identify_failed"); // the reply says what was wrong
    document.body.dataset.asks = reply.asks;
    byId("pin-label").dataset.word = clerk() ? "clerk_code" : "pin";
    byId("pin-label").textContent = word(byId("pin-label").dataset.word);
    showOptions(reply);
    showReason(reply.trace);
  }

  function forget() {
    caption("");
    pin.value = byId("pin-name").value = "";
    reveal(false);
    wrong("", false);
    byId("reply").replaceChildren();
    byId("options").replaceChildren();
    showReason([]);
  }

  function showOptions({ event, asks, options }) {
    const languages = event === "language_unknown"; // then the options are codes
    const act = languages ? speakIn : asks === "size" ? (option) => touch(`size ${option}`) : say;
    const name = (option) => (languages && knows(option) ? word("language_name", {}, option) : option);
    byId("options").setAttribute("aria-label", word(asks === "size" ? "which_size" : "choose"));
    byId("options").replaceChildren(
      ...options.map((option) => make("button", { type: "button", onclick: () => act(option) }, make("bdi", {}, name(option)))),
    );
  }

  function showReason(trace) {
    byId("reason").classList.toggle("empty", trace.length === 0);
    byId("trace").replaceChildren(...trace.map(step));
  }

  function step(name, place) {
    const item = make("li", {}, make("span", {}, make("bdi", {}, name)));
    item.style.setProperty("--place", place);
    return item;
  }

  function sentence(number) {
    [...byId("reply").querySelectorAll("span")].forEach((span, place) => span.classList.toggle("now", place === number));
  }

  return { show, caption, forget, sentence, focus: () => byId("answer-title").focus({ preventScroll: true }) };
}

/** A round button with a drawing and a name for those who cannot see it. */
export function iconButton(name, label, onclick) {
  return make("button", { type: "button", "aria-label": label, title: label, onclick }, icon(name));
}
