// The receipt after a sale: on the screen, as a QR code to take along, and on paper where there is a printer.

import { byId, icon, make } from "./dom.js";
import { language, word, write } from "./words.js";

const OUTCOMES = { printed: "receipt_printed", paper: "receipt_paper", unreachable: "receipt_unreachable", enough: "receipt_enough" };

/** `send(message)` goes to the server, `read(text)` reads aloud to who wants the screen read. */
export function makeReceipt({ send, read }) {
  const offer = make("button", { class: "quiet", id: "receipt", type: "button", "aria-haspopup": "dialog", hidden: true, "data-scan": true, "data-word": "receipt", onclick: () => ask(false) });
  const rows = make("ul", { class: "slip-rows", id: "slip-rows" });
  const code = make("img", { class: "slip-code", id: "slip-code" });
  const told = make("p", { class: "hint", id: "slip-told", role: "status" });
  const print = make("button", { class: "strong", id: "slip-print", type: "button", "data-word": "receipt_print", onclick: () => ask(true) });
  const close = make("button", { class: "tool round", id: "slip-close", type: "button", "data-word-label": "close", "data-scan": true, onclick: () => dialog.close() }, icon("close"));
  const dialog = make(
    "dialog",
    { class: "slip", id: "slip", "aria-labelledby": "slip-title" },
    make("h2", { id: "slip-title", "data-word": "receipt" }),
    close,
    rows,
    make("p", { class: "slip-how", "data-word": "receipt_code" }),
    code,
    told,
    make("div", { class: "choices", "data-scan": true }, print),
  );
  byId("doing").after(offer);
  document.body.append(dialog);
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());

  function ask(printed) {
    if (printed) {
      print.disabled = true;
      told.textContent = "";
    }
    send({ kind: "receipt", language: language(), printed });
  }

  function show(message) {
    rows.lang = message.language;
    rows.replaceChildren(...message.rows.filter((row) => row.kind !== "head").map(item));
    code.src = `data:image/svg+xml,${encodeURIComponent(message.code)}`;
    code.alt = word("receipt_code");
    told.textContent = "";
    print.hidden = !message.prints;
    print.disabled = false;
    write(dialog);
    if (!dialog.open) dialog.showModal();
    read(rows.innerText);
  }

  function item({ kind, left, right }) {
    if (kind === "rule") return make("li", { class: "rule", "aria-hidden": true });
    return make("li", { class: kind }, make("span", {}, left), right ? make("span", { class: "amount" }, right) : null);
  }

  function printed({ outcome }) {
    told.textContent = word(OUTCOMES[outcome]);
    print.disabled = outcome === "printed" || outcome === "enough";
    read(told.textContent);
  }

  /** After a sale the receipt is offered, as long as its screen is there. */
  function follow(reply) {
    dialog.close();
    if (reply.event !== "feedback_thanks") offer.hidden = reply.stage !== "thanks";
  }

  function forget() {
    dialog.close();
    offer.hidden = true;
    rows.replaceChildren();
    code.removeAttribute("src");
  }

  return { show, printed, follow, forget };
}
