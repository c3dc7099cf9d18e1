// A keyboard on the screen, for who has none and does not speak: it types into the field that had the focus last.

import { byId, make } from "./dom.js";
import { language, write } from "./words.js";

const DIGITS = "1234567890";
const QWERTY = [DIGITS, "qwertyuiop", "asdfghjkl", "zxcvbnm"];
// Chinese has the letters only: putting pinyin into characters is an input method's work.
const ROWS = {
  en: QWERTY,
  es: [DIGITS, "qwertyuiop", "asdfghjklñ", "zxcvbnmü", "áéíóú¿¡"],
  fr: [DIGITS, "azertyuiop", "qsdfghjklm", "wxcvbnœç’", "éèêëàâîïôûù"],
  de: [DIGITS, "qwertzuiopü", "asdfghjklöä", "yxcvbnmß"],
  it: [DIGITS, "qwertyuiop", "asdfghjkl", "zxcvbnm’", "àèéìòù"],
  pt: [DIGITS, "qwertyuiop", "asdfghjklç", "zxcvbnm", "áâãàéêíóôõú"],
  ru: [DIGITS, "йцукенгшщзхъ", "фывапролджэё", "ячсмитьбю"],
  hi: [DIGITS, "अआइईउऊएऐओऔ", "कखगघचछजझटठडढ", "णतथदधनपफबभम", "यरलवशषसहड़ढ़", "ािीुूेैोौं्ँ"],
  zh: QWERTY,
};
const FIELDS = "#text, #feedback-words";

export function makeKeyboard() {
  const board = byId("keyboard");
  const toggle = byId("keyboard-toggle");
  let field = byId("text");
  let drawn = "";

  document.addEventListener("focusin", ({ target }) => {
    if (target.matches(FIELDS)) field = target;
  });
  toggle.addEventListener("click", () => (board.hidden ? open() : close()));

  function put(text) {
    if (!field.checkVisibility()) field = byId("text");
    const [start, end] = [field.selectionStart, field.selectionEnd];
    field.setRangeText(text, start, end, "end");
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }

  function erase() {
    const end = field.selectionEnd;
    if (field.selectionStart === end && end > 0) field.setSelectionRange(end - 1, end);
    put("");
  }

  const key = (text) => make("button", { type: "button", onclick: () => put(text) }, text);

  function draw() {
    if (drawn === language()) return;
    drawn = language();
    const rows = (ROWS[drawn] ?? ROWS.en).map((letters) => [...letters].map(key));
    rows.push([
      make("button", { type: "button", class: "wide", "data-word": "key_space", onclick: () => put(" ") }),
      ...[...",.?"].map(key),
      make("button", { type: "button", class: "wide", "data-word": "key_delete", onclick: erase }),
      make("button", { type: "submit", class: "wide strong", form: "typing", "data-word": "send" }),
    ]);
    board.replaceChildren(...rows.map((keys) => make("div", { class: "row", "data-scan": true }, ...keys)));
    write(board);
  }

  /** Shows it, in the language of the page. */
  function open() {
    draw();
    board.hidden = false;
    toggle.setAttribute("aria-expanded", "true");
  }

  function close() {
    board.hidden = true;
    toggle.setAttribute("aria-expanded", "false");
  }

  /** Where the language has changed the letters have. */
  function follow() {
    if (!board.hidden) draw();
  }

  return { open, close, follow, isOpen: () => !board.hidden };
}
