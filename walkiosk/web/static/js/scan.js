// The page by one switch or two: a frame walks from group to group and, inside one, from control to control.
//
// One switch: the frame walks by itself, and space or Enter chooses. Two: space moves it on, Enter chooses.

import { byId } from "./dom.js";

const CONTROLS = "button:not(:disabled), input:not(:disabled), textarea";
const FRAME = "framed";
const ROW = "#keyboard .row";

const visible = (element) => element.checkVisibility({ visibilityProperty: true });
const frameOf = (element) => element.closest("label") ?? element; // a radio button is drawn by its label

/** `framed(element)` is called as the frame moves, `type()` when a text field is chosen. */
export function makeScan({ comfort, framed, type }) {
  let group = null; // the one that the frame is in; null: it walks over the groups
  let current = null;
  let timer = 0;

  /** The groups that are there now, the page's head last; those of a dialog while one is open. */
  function groups() {
    const root = document.querySelector("dialog[open]") ?? document;
    const found = [...root.querySelectorAll("[data-scan]")].filter((each) => visible(each) && controls(each).length);
    const head = found.filter((each) => each.closest(".bar"));
    return [...found.filter((each) => !head.includes(each)), ...head];
  }

  function controls(of) {
    if (of.matches(CONTROLS)) return [of];
    return [...of.querySelectorAll(CONTROLS)].filter((each) => visible(each) && each.closest("[data-scan]") === of);
  }

  /** What the frame walks over: groups, or a group's controls and then the group itself, which leads out again. */
  const stops = () => (group ? [...controls(group), group] : groups());

  function put(element) {
    document.querySelectorAll(`.${FRAME}`).forEach((each) => each.classList.remove(FRAME));
    current = element;
    if (!element) return;
    frameOf(element).classList.add(FRAME);
    frameOf(element).scrollIntoView({ block: "nearest" });
    framed(element);
  }

  function next() {
    if (group && !(group.isConnected && visible(group))) group = null;
    const all = stops();
    put(all[(all.indexOf(current) + 1) % all.length] ?? null);
  }

  function choose() {
    if (!current?.isConnected || !visible(current)) next();
    else if (group === current) leave();
    else if (group || controls(current).length === 1) press(group ? current : controls(current)[0]);
    else {
      group = current;
      put(controls(group)[0]);
    }
    wait();
  }

  function leave() {
    group = null;
    next();
  }

  function press(element) {
    element.focus({ preventScroll: true });
    const typing = element.matches("input:not([type=radio]):not([type=checkbox]), textarea");
    if (typing) type();
    else element.click();
    const row = document.querySelector(ROW);
    if (!row || !visible(row) || !(typing || element.id === "keyboard-toggle" || element.closest(ROW))) return;
    group = null; // a letter after the other: on to the rows again
    put(row);
  }

  function wait() {
    clearTimeout(timer);
    if (comfort.get("scan") !== "one") return;
    timer = setTimeout(() => {
      next();
      wait();
    }, comfort.get("pace") * 1000);
  }

  function pressKey(event) {
    if (comfort.get("scan") === "off") return;
    if (event.key === "Escape" || event.key === "Tab") comfort.set("scan", "off");
    if (event.key !== " " && event.key !== "Enter") return;
    event.preventDefault();
    event.stopPropagation();
    if (event.repeat) return;
    if (event.key === " " && comfort.get("scan") === "two") next();
    else choose();
  }

  // Before anything else hears of the key, and instead of the click that it would be.
  document.addEventListener("keydown", pressKey, true);
  document.addEventListener("keyup", (event) => comfort.get("scan") !== "off" && event.key === " " && event.preventDefault(), true);

  /** Begins or ends, as the settings now say. */
  function follow() {
    clearTimeout(timer);
    if (comfort.get("scan") === "off") {
      group = null;
      put(null);
      return;
    }
    if (!current) next();
    wait();
  }

  /** What is on the screen has changed: the frame begins anew, at the reply's own choices. */
  function begin() {
    if (comfort.get("scan") === "off") return;
    group = null;
    put(null);
    next();
    wait();
  }

  return { follow, begin };
}
