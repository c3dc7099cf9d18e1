// A few bars, quietly, when the attract screen comes back, and now and then while it waits; and, in turn with them, the
// sounds that the operator had generated.

const AGAIN_MS = 10 * 60_000;
const LOUDNESS = 0.25; // a shop, not a fair

/** `open(shop)` once it is known whose kiosk this is, `start` as the attract screen comes, `stop` as it goes, and
 * `offer(files)` whenever it is known what there is beside the jingle. */
export function makeJingle() {
  const sound = new Audio();
  sound.volume = LOUDNESS;
  let own = [];
  let others = [];
  let turn = 0;
  let timer = 0;
  let waits = false; // whether the attract screen is there, and nothing to be played was known

  function play() {
    const tunes = [...own, ...others];
    waits = !tunes.length;
    if (waits) return;
    const tune = tunes[turn++ % tunes.length];
    if (sound.getAttribute("src") !== tune) sound.src = tune;
    sound.currentTime = 0;
    sound.play().catch(() => {}); // nobody has touched the page yet, so the browser keeps it silent
  }

  function start() {
    stop();
    play();
    timer = setInterval(play, AGAIN_MS);
  }

  function stop() {
    clearInterval(timer);
    waits = false;
    sound.pause();
  }

  function open(shop) {
    own = shop.jingle ? ["/jingle.wav"] : [];
  }

  function offer(files) {
    others = files;
    if (waits && files.length) start();
  }

  return { open, start, stop, offer };
}
