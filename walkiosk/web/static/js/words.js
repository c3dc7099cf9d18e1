// The interface's words in the customer's language, and prices as that language writes them.

const RIGHT_TO_LEFT = new Set(["ar", "fa", "he", "ur", "yi"]);

let all = {};
let current = "en";

/** Loads the words; resolves when `word` can be asked. */
export async function loadWords() {
  const response = await fetch("/static/words.json");
  all = await response.json();
}

export const language = () => current;
export const knows = (code) => code in all;

/** A word or sentence of the interface; `values` fill its braces. */
export function word(key, values = {}, code = current) {
  const text = (all[code] ?? all.en)[key] ?? all.en[key];
  return text.replace(/\{(\w+)\}/g, (braces, name) => values[name] ?? braces);
}

/** Writes the page in a language; one that we have no words for changes nothing. */
export function setLanguage(code) {
  if (!knows(code)) return;
  current = code;
  document.documentElement.lang = code;
  document.documentElement.dir = RIGHT_TO_LEFT.has(code) ? "rtl" : "ltr";
  write(document);
}

/** Writes what has words of ours within an element, in the page's language. */
export function write(root) {
  for (const element of root.querySelectorAll("[data-word]")) element.textContent = word(element.dataset.word);
  for (const element of root.querySelectorAll("[data-word-label]")) {
    element.setAttribute("aria-label", word(element.dataset.wordLabel));
    if (element.tagName === "BUTTON") element.title = word(element.dataset.wordLabel);
  }
  for (const element of root.querySelectorAll("[data-word-placeholder]")) element.placeholder = word(element.dataset.wordPlaceholder);
}

/** An amount of cents as the language writes it. */
export function money(cents, currency) {
  return new Intl.NumberFormat(current, { style: "currency", currency }).format(cents / 100);
}
