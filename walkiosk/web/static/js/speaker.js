// Plays the spoken reply piece by piece, says which sentence is heard now, and falls silent at once.

const LEAD = 0.06; // s before the first piece, so that the next one is there in time

/** `played(reply)` is called when a reply has been heard to its end, `sentence(reply, number)` as each one begins.
 *
 * What cannot be heard, because the customer wants no voice or has not touched the page yet, counts as heard at once. */
export function makeSpeaker({ played, sentence }) {
  const context = new AudioContext();
  let playing = []; // {source, reply, sentence, start}
  let ends = []; // replies whose every piece has come
  let free = 0; // when the last piece ends, in the context's time
  let hushed = 0;
  let told = 0; // the sentence last named, as a rising number
  let muted = false;

  function tick() {
    for (const piece of playing) {
      const place = piece.reply * 0xffff + piece.sentence + 1;
      if (piece.start <= context.currentTime && place > told) {
        told = place;
        sentence(piece.reply, piece.sentence);
      }
    }
    if (playing.length) requestAnimationFrame(tick);
  }

  function finish() {
    const unheard = new Set(playing.map((piece) => piece.reply));
    for (const reply of ends.filter((number) => !unheard.has(number))) played(reply);
    ends = ends.filter((number) => unheard.has(number));
  }

  function play({ reply, sentence: number, end, sampleRate, samples }) {
    if (reply <= hushed) return;
    if (end) {
      ends.push(reply);
      finish();
      return;
    }
    if (!isHeard()) return;
    const buffer = context.createBuffer(1, samples.length, sampleRate);
    buffer.getChannelData(0).set(Float32Array.from(samples, (sample) => sample / 32768));
    const source = new AudioBufferSourceNode(context, { buffer });
    source.connect(context.destination);
    const start = Math.max(free, context.currentTime + LEAD);
    const piece = { source, reply, sentence: number, start };
    source.onended = () => {
      playing = playing.filter((other) => other !== piece);
      finish();
    };
    source.start(start);
    free = start + buffer.duration;
    playing.push(piece);
    if (playing.length === 1) requestAnimationFrame(tick);
  }

  /** Whether a voice would be heard now; without a touch the browser keeps a page silent. */
  const isHeard = () => !muted && context.state === "running";

  function stop(number) {
    for (const piece of playing.filter(({ reply }) => reply <= number)) {
      piece.source.onended = null;
      piece.source.stop();
    }
    playing = playing.filter(({ reply }) => reply > number);
  }

  function mute(on) {
    muted = on;
    if (!on) return;
    stop(Infinity);
    finish();
  }

  function hush(number) {
    hushed = Math.max(hushed, number);
    stop(number);
    ends = ends.filter((reply) => reply > number);
    free = 0;
  }

  return {
    play,
    hush,
    mute,
    isHeard,
    wake: () => context.resume(),
    forget: () => {
      hush(Infinity);
      hushed = told = 0;
    },
  };
}
