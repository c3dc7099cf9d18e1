// The page: messages from the server come in, touches, words and sound go out.

import { makeAnswer } from "./answer.js";
import { makeAttract } from "./attract.js";
import { makeCards } from "./cards.js";
import { makeClip } from "./clip.js";
import { makeComfort } from "./comfort.js";
import { byId, make } from "./dom.js";
import { watchIdle } from "./idle.js";
import { makeJingle } from "./jingle.js";
import { makeMicrophone } from "./microphone.js";
import { makeSale } from "./sale.js";
import { connect } from "./socket.js";
import { makeSpeaker } from "./speaker.js";
import { knows, language, loadWords, setLanguage, word } from "./words.js";

const NOTICE_MS = 6000;
const PAGE = document.body.dataset;

await loadWords();

let shop = { name: "", wake_phrase: "", currency: "EUR", languages: ["en"] };
let last = null; // the last answer, to be written again when the language changes
let waiting = false; // for the answer to a touch: a second one must not buy twice
let noticeTimer = 0;

const speaker = makeSpeaker({
  played: (reply) => socket.send({ kind: "played", reply }),
  sentence: (reply, number) => last?.number === reply && answer.sentence(number),
});
const microphone = makeMicrophone({ heard: hear, changed: microphoneIs });
const clip = makeClip();
const comfort = makeComfort();
const answer = makeAnswer({ touch, say, speakIn });
const cards = makeCards({ touch, play: clip.play });
const sale = makeSale({ touch, done: startOver });
const attract = makeAttract({ chosen: wakeIn });
const jingle = makeJingle();
const active = watchIdle(startOver);
const socket = connect({ shop: openShop, state, caption, answer: showAnswer, hush, problem, sound: speaker.play, opened, closed });

function openShop(message) {
  shop = message;
  document.title = shop.name;
  document.querySelectorAll("[data-shop-name]").forEach((element) => (element.textContent = shop.name));
  const codes = shop.languages.filter(knows);
  byId("language").replaceChildren(
    make("option", { value: "", "data-word": "language_auto" }),
    ...codes.map((code) => make("option", { value: code, lang: code }, word("language_name", {}, code))),
  );
  byId("privacy").dataset.word = shop.keeps ? "privacy_kept" : "privacy";
  setLanguage(codes[0] ?? "en");
  attract.open(shop);
  jingle.open(shop);
  toAttract();
  jingle.start();
  microphone.startIfAllowed();
}

function state({ state: name }) {
  PAGE.state = name;
  if (name === "attract") {
    toAttract();
    jingle.start();
  }
  if (name === "hearing") answer.caption("…");
  if (name !== "thinking") waiting = false;
  active();
  nameMicrophone();
}

function caption({ text }) {
  jingle.stop();
  if (PAGE.stage === "attract") PAGE.stage = "talk"; // the wake phrase was said, or something was typed
  answer.caption(text);
}

function showAnswer(message) {
  const { reply } = last = message;
  waiting = false;
  jingle.stop();
  notice("");
  write(reply.language);
  if (reply.event === "language_changed") byId("language").value = reply.language;
  // Thanks for feedback belong on the screen they answer, whatever stage the shop is in by then.
  PAGE.stage = reply.event === "feedback_thanks" ? "thanks" : reply.stage;
  answer.show(message);
  draw(reply);
  clip.close();
  document.querySelector("main").scrollTo({ top: 0 });
  if (document.activeElement === document.body || document.activeElement?.offsetParent === null) answer.focus();
}

function draw(reply) {
  cards.show(reply.cards, shop.currency);
  sale.show(reply, shop.currency);
}

function hush({ number }) {
  speaker.hush(number);
  answer.sentence(-1);
}

function problem({ what }) {
  waiting = false;
  notice(word(what === "busy" ? "busy" : "failed"));
}

function opened() {
  speaker.forget();
  notice("");
}

function closed() {
  speaker.hush(Infinity);
  jingle.stop();
  toAttract();
  notice(word("offline"), Infinity);
}

function notice(text, milliseconds = NOTICE_MS) {
  clearTimeout(noticeTimer);
  byId("notice").textContent = text;
  if (text && milliseconds < Infinity) noticeTimer = setTimeout(notice, milliseconds, "");
}

function toAttract() {
  PAGE.stage = PAGE.state = "attract";
  PAGE.asks = "";
  last = null;
  byId("text").value = byId("language").value = "";
  byId("cards").replaceChildren();
  answer.forget();
  sale.forget();
  comfort.forget();
  clip.close();
  write(shop.languages.find(knows) ?? "en");
}

/** Writes the interface in a language. */
function write(code) {
  setLanguage(code);
  attract.show();
  nameMicrophone();
}

function touch(action, text = null) {
  if (waiting) return;
  waiting = true;
  active();
  speaker.wake();
  socket.send({ kind: "touch", action, text });
}

function say(text) {
  active();
  jingle.stop();
  speaker.wake();
  answer.caption(text.slice(0, 200));
  socket.send({ kind: "text", text });
}

function wakeIn(code) {
  if (code) byId("language").value = code;
  jingle.stop();
  speaker.wake();
  microphone.start();
  socket.send({ kind: "wake", language: code || byId("language").value || null });
}

/** Goes on in a language; null lets the kiosk find it. */
function speakIn(code) {
  byId("language").value = code ?? "";
  if (code) write(code);
  if (last) draw(last.reply);
  socket.send({ kind: "language", language: code });
}

function startOver() {
  socket.send({ kind: "start_over" });
}

function hear(samples, level) {
  byId("microphone").style.setProperty("--level", Math.min(1, level * 6).toFixed(3));
  socket.sendSound(samples);
}

function microphoneIs(name) {
  PAGE.microphone = name;
  if (name !== "on") socket.send({ kind: "microphone", on: false });
  attract.show();
  nameMicrophone();
}

function nameMicrophone() {
  const { microphone: on, state: name } = PAGE;
  const busy = name === "thinking" || name === "speaking";
  const key = busy ? name : on === "denied" ? "mic_denied" : on === "off" || name === "attract" ? "mic_off" : name;
  byId("microphone-state").textContent = word(key);
  byId("microphone").setAttribute("aria-pressed", String(on === "on"));
}

function pressMicrophone() {
  if (PAGE.stage === "attract") return wakeIn("");
  speaker.wake();
  if (PAGE.state === "speaking") {
    socket.send({ kind: "barge_in" });
    return microphone.start();
  }
  return PAGE.microphone === "on" ? microphone.stop() : microphone.start();
}

byId("microphone").addEventListener("click", pressMicrophone);
byId("start-over").addEventListener("click", startOver);
byId("typing").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = byId("text").value.trim();
  byId("text").value = "";
  if (text) say(text);
});
byId("language").addEventListener("change", ({ target }) => speakIn(target.value || null));
