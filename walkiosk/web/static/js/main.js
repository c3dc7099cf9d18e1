// The page: messages from the server come in, touches, words and sound go out.

import { makeAnswer } from "./answer.js";
import { makeAttract } from "./attract.js";
import { makeCaptions } from "./captions.js";
import { makeCards } from "./cards.js";
import { makeClip } from "./clip.js";
import { makeComfort } from "./comfort.js";
import { byId, make } from "./dom.js";
import { makeEase } from "./ease.js";
import { watchIdle } from "./idle.js";
import { makeJingle } from "./jingle.js";
import { makeKeyboard } from "./keyboard.js";
import { watchKeys } from "./keys.js";
import { makeListening } from "./listening.js";
import { makeReading } from "./reading.js";
import { makeReceipt } from "./receipt.js";
import { watchRoom } from "./room.js";
import { makeSale } from "./sale.js";
import { makeScan } from "./scan.js";
import { makeShelf } from "./shelf.js";
import { connect } from "./socket.js";
import { makeSpeaker } from "./speaker.js";
import { knows, loadWords, setLanguage, word } from "./words.js";

const NOTICE_MS = 6000;
const PAGE = document.body.dataset;

await loadWords();

let shop = { name: "", wake_phrase: "", currency: "EUR", languages: ["en"] };
let last = null; // the last answer, to be written again when the language changes
let waiting = false; // for the answer to a touch: a second one must not buy twice
let noticeTimer = 0;

const comfort = makeComfort({ changed: comfortIs });
const measure = watchRoom(() => comfort.get("size"));
const rests = () => comfort.get("still") || comfort.get("scan") !== "off";
const captions = makeCaptions();
const speaker = makeSpeaker({ played, sentence });
const listening = makeListening({ heard: hear, wake: () => wakeIn(""), interrupt, switched: microphoneIs });
const clip = makeClip();
const keyboard = makeKeyboard();
const ease = makeEase({ comfort, speakIn, tell: captions.tell });
const answer = makeAnswer({ touch, say, speakIn });
const cards = makeCards({ touch, play: clip.play });
const sale = makeSale({ touch, done: startOver });
const receipt = makeReceipt({ send: (message) => socket.send(message), read: (text) => comfort.get("read") && reading.say(text) });
const jingle = makeJingle();
const attract = makeAttract({ chosen: wakeIn, rests, sounds: jingle.offer });
const shelf = makeShelf({ chosen: ({ sku }) => touch(`show sku="${sku}"`), rests });
// The first to hear of a key is who asks whether somebody is still there, the second the switch control.
const active = watchIdle({ leave: startOver, asked: warn, freshen });
const reading = makeReading({ comfort, send: (message) => socket.send(message), said: captions.said });
const scan = makeScan({ comfort, framed: reading.point, type: keyboard.open });
watchKeys({ comfort, wake: () => wakeIn(""), hush: silence, scan: () => comfort.set("scan", "one"), read: () => comfort.set("read", !comfort.get("read")) });
const socket = connect({ shop: openShop, state, caption, answer: showAnswer, hush, receipt: receipt.show, receipt_printed: receipt.printed, problem, sound: speaker.play, opened, closed });

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
  byId("loop").hidden = !shop.hearing_loop;
  setLanguage(codes[0] ?? "en");
  ease.open(shop);
  attract.open(shop);
  jingle.open(shop);
  toAttract();
  jingle.start();
  listening.forget();
}

function state({ state: name }) {
  PAGE.state = name;
  if (name === "attract") {
    toAttract();
    comfort.forget();
    jingle.start();
    listening.forget();
  }
  if (name === "hearing") showHeard("…");
  if (name === "thinking") captions.tell(word("thinking"));
  else waiting = false;
  active();
  listening.show();
}

function caption({ text }) {
  jingle.stop();
  if (PAGE.stage === "attract") PAGE.stage = "talk"; // the wake phrase was said, or something was typed
  showHeard(text);
}

function showHeard(text) {
  answer.caption(text);
  captions.heard(text);
}

function showAnswer(message) {
  const { reply } = (last = message);
  waiting = false;
  jingle.stop();
  notice("");
  write(reply.language);
  if (reply.event === "language_changed") byId("language").value = reply.language;
  // Thanks for feedback belong on the screen they answer, whatever stage the shop is in by then.
  PAGE.stage = reply.event === "feedback_thanks" ? "thanks" : reply.stage;
  answer.show(message);
  draw(reply);
  showCaptions(message);
  clip.close();
  byId("main").scrollTo({ top: 0 });
  if (document.activeElement === document.body || document.activeElement?.offsetParent === null) answer.focus();
  scan.begin();
}

/** Captions, and a screen reader's words where the kiosk's own voice is not heard: nothing is said twice. */
function showCaptions({ reply, sentences }) {
  const spoken = sentences.length > 0 && speaker.isHeard();
  captions.heard(reply.heard, reply.language);
  captions.said(spoken ? sentences[0] : reply.text, reply.language);
  if (!spoken) captions.tell(reply.text, reply.language);
}

function draw(reply) {
  cards.show(reply.cards, shop.currency);
  sale.show(reply, shop.currency);
  receipt.follow(reply);
}

function sentence(reply, number) {
  if (last?.number !== reply) return;
  answer.sentence(number);
  captions.said(last.sentences[number] ?? last.reply.text, last.reply.language);
}

function played(reply) {
  socket.send({ kind: "played", reply });
  if (last?.number === reply) reading.goods();
}

function hush({ number }) {
  speaker.hush(number);
  answer.sentence(-1);
}

function problem({ what }) {
  waiting = false;
  notice(word(["busy", "too_fast"].includes(what) ? "busy" : "failed"));
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
  waiting = false;
  byId("text").value = byId("language").value = "";
  byId("cards").replaceChildren();
  answer.forget();
  captions.clear();
  sale.forget();
  receipt.forget();
  keyboard.close();
  ease.close();
  clip.close();
  shelf.forget();
  write(shop.languages.find(knows) ?? "en");
  scan.begin();
}

/** Somebody has made the attract screen their own and left. */
function freshen() {
  comfort.forget();
  ease.close();
  keyboard.close();
  byId("text").value = byId("language").value = "";
  write(shop.languages.find(knows) ?? "en");
}

/** Writes the interface in a language. */
function write(code) {
  setLanguage(code);
  attract.show();
  listening.show();
  ease.show();
  keyboard.follow();
  shelf.show(shop);
}

function comfortIs(name, value) {
  if (name === "size") measure();
  if (name === "voice") speaker.mute(!value);
  if (name === "scan" || name === "pace") scan.follow();
  if (name === "read" && value) reading.say(word("read_how"));
  attract.show();
  ease.show();
}

/** Asks aloud, too, whether somebody is still there. */
function warn(text) {
  if (speaker.isHeard()) reading.say(text);
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
  showHeard(text.slice(0, 200));
  socket.send({ kind: "text", text });
}

function wakeIn(code) {
  if (code) byId("language").value = code;
  jingle.stop();
  speaker.wake();
  listening.start();
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

function interrupt() {
  socket.send({ kind: "barge_in" });
}

/** Escape closes what lies open, else ends the speaking; and it leaves the text field, so that number keys choose. */
function silence() {
  if (keyboard.isOpen()) return keyboard.close();
  interrupt();
  if (document.activeElement === byId("text")) byId(PAGE.stage === "attract" ? "main" : "answer-title").focus({ preventScroll: true });
}

function hear(samples, level) {
  byId("microphone").style.setProperty("--level", Math.min(1, level * 6).toFixed(3));
  socket.sendSound(samples);
}

function microphoneIs(name) {
  if (name !== "on") socket.send({ kind: "microphone", on: false });
  attract.show();
  captions.tell(byId("microphone-is").textContent);
}

byId("start-over").addEventListener("click", startOver);
byId("typing").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = byId("text").value.trim();
  byId("text").value = "";
  if (text) say(text);
  else byId("text").focus();
});
byId("language").addEventListener("change", ({ target }) => speakIn(target.value || null));
