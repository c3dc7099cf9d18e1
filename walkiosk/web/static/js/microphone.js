// The microphone: on, off, or denied. What it hears goes straight to `heard`, nothing is kept.

const WANTED = { channelCount: 1, echoCancellation: true, noiseSuppression: true, autoGainControl: true };

/** `heard(samples, level)` gets 16 kHz s16 pieces, `changed(state)` gets "on", "off" or "denied". */
export function makeMicrophone({ heard, changed }) {
  let stream = null;
  let context = null;
  let starting = null;

  async function begin() {
    stream = await navigator.mediaDevices.getUserMedia({ audio: WANTED });
    context = await contextFor(stream);
    await context.audioWorklet.addModule("/static/js/microphone-worklet.js");
    const recorder = new AudioWorkletNode(context, "recorder", { numberOfOutputs: 0 });
    recorder.port.onmessage = ({ data }) => heard(data.samples, data.level);
    context.createMediaStreamSource(stream).connect(recorder);
    await context.resume();
    changed("on");
  }

  function start() {
    if (stream) return context.resume();
    starting ??= begin()
      .catch(() => {
        stop();
        changed("denied");
      })
      .finally(() => {
        starting = null;
      });
    return starting;
  }

  function stop() {
    stream?.getTracks().forEach((track) => track.stop());
    context?.close();
    stream = context = null;
    changed("off");
  }

  /** Starts by itself where the operator has allowed it once: then the wake phrase works without a touch. */
  async function startIfAllowed() {
    const permission = await navigator.permissions.query({ name: "microphone" }).catch(() => null);
    if (permission?.state === "granted") await start();
  }

  return { start, stop, startIfAllowed };
}

/** A context at the rate we want where the browser can resample a microphone into it, else at its own rate. */
async function contextFor(stream) {
  const context = new AudioContext({ sampleRate: 16000 });
  try {
    context.createMediaStreamSource(stream).disconnect();
    return context;
  } catch {
    await context.close();
    return new AudioContext();
  }
}
