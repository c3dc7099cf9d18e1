// The one WebSocket: JSON messages and sound, both ways. It opens itself again when it breaks.

const HEADER_BYTES = 12; // reply, sentence, last, sample rate: see messages.py
const END = 0xffff; // as a sentence's number: all of the reply has been sent
const FIRST_WAIT = 500; // ms before the first new attempt, doubled up to LONGEST_WAIT
const LONGEST_WAIT = 8000;

/** `on` has a function for every kind of message, and `sound`, `opened`, `closed`. */
export function connect(on) {
  let socket = null;
  let wait = FIRST_WAIT;

  function open() {
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    socket = new WebSocket(`${scheme}://${location.host}/kiosk`);
    socket.binaryType = "arraybuffer";
    socket.addEventListener("open", () => {
      wait = FIRST_WAIT;
      on.opened();
    });
    socket.addEventListener("message", ({ data }) => {
      if (typeof data !== "string") {
        on.sound(soundOf(data));
        return;
      }
      const message = JSON.parse(data);
      on[message.kind]?.(message);
    });
    socket.addEventListener("close", () => {
      on.closed();
      setTimeout(open, wait);
      wait = Math.min(wait * 2, LONGEST_WAIT);
    });
  }

  open();
  const isOpen = () => socket.readyState === WebSocket.OPEN;
  return {
    send: (message) => isOpen() && socket.send(JSON.stringify(message)),
    sendSound: (samples) => isOpen() && socket.send(samples),
  };
}

function soundOf(buffer) {
  const header = new DataView(buffer, 0, HEADER_BYTES);
  const sentence = header.getUint16(4, true);
  return {
    reply: header.getUint32(0, true),
    sentence,
    end: sentence === END,
    sampleRate: header.getUint32(8, true),
    samples: new Int16Array(buffer, HEADER_BYTES),
  };
}
