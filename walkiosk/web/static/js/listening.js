// The microphone as the customer sees it: what it does now, the button to talk, and the one that turns it off.

import { byId } from "./dom.js";
import { makeMicrophone } from "./microphone.js";
import { word } from "./words.js";

const PAGE = document.body.dataset;
const IS = { on: "mic_now_on", off: "mic_now_off", denied: "mic_now_none" };

/** `heard(samples, level)` gets the sound, `wake()` and `interrupt()` are called for presses of the button,
 * `switched(name)` as the microphone goes on or off. */
export function makeListening({ heard, wake, interrupt, switched }) {
  const microphone = makeMicrophone({ heard, changed });
  let silenced = false; // by this customer: only they turn it on again

  function changed(name) {
    PAGE.microphone = name;
    show();
    switched(name);
  }

  /** Writes what goes on, in the language of the page. */
  function show() {
    const { microphone: name, state } = PAGE;
    const busy = state === "thinking" || state === "speaking";
    const key = busy ? state : name === "denied" ? "mic_denied" : name === "off" || state === "attract" ? "mic_off" : state;
    byId("microphone-state").textContent = word(key);
    byId("microphone-is").textContent = word(name === "on" && state === "hearing" ? "mic_now_hearing" : IS[name]);
    byId("microphone-does").textContent = word(state === "speaking" ? "speaking" : name === "on" && state !== "attract" ? "mic_turn_off" : "mic_off");
    byId("microphone-off").hidden = name !== "on";
  }

  function press() {
    if (PAGE.stage === "attract" || PAGE.state === "speaking" || PAGE.microphone !== "on") silenced = false;
    if (PAGE.stage === "attract") return wake();
    if (PAGE.state === "speaking") {
      interrupt();
      return microphone.start();
    }
    return PAGE.microphone === "on" ? turnOff() : microphone.start();
  }

  function turnOff() {
    silenced = true;
    microphone.stop();
    if (byId("microphone-off").hidden && document.activeElement === document.body) byId("microphone").focus();
  }

  byId("microphone").addEventListener("click", press);
  byId("microphone-off").addEventListener("click", turnOff);

  return {
    show,
    /** For who has just come, unless they have turned it off. */
    start: () => silenced || microphone.start(),
    /** Nobody is here any more: the next customer may be heard. */
    forget() {
      silenced = false;
      return PAGE.microphone === "on" ? undefined : microphone.startIfAllowed();
    },
  };
}
