// A few bars, quietly, when the attract screen comes back, and now and then while it waits.

const AGAIN_MS = 10 * 60_000;
const LOUDNESS = 0.25; // a shop, not a fair

/** `open(shop)` once it is known whose kiosk this is, `start` as the attract screen comes, `stop` as it goes. */
export function makeJingle() {
  const sound = new Audio();
  sound.volume = LOUDNESS;
  let timer = 0;

  function play() {
    sound.currentTime = 0;
    sound.play().catch(() => {}); // nobody has touched the page yet, so the browser keeps it silent
  }

  function start() {
    stop();
    if (!sound.src) return;
    play();
    timer = setInterval(play, AGAIN_MS);
  }

  function stop() {
    clearInterval(timer);
    sound.pause();
  }

  function open(shop) {
    if (shop.jingle) sound.src = "/jingle.wav";
    else sound.removeAttribute("src");
  }

  return { open, start, stop };
}
