// In the audio thread: whatever rate the microphone has becomes 16 kHz, mono, 16-bit, in pieces of 32 ms.

const RATE = 16000; // Hz
const PIECE = 512; // samples

class Recorder extends AudioWorkletProcessor {
  constructor() {
    super();
    this.piece = new Int16Array(PIECE);
    this.filled = 0;
    this.step = sampleRate / RATE;
    this.sum = 0;
    this.count = 0;
    this.phase = 0;
  }

  process([channels]) {
    for (const sample of channels[0] ?? []) {
      this.sum += sample;
      this.count += 1;
      this.phase += 1;
      if (this.phase < this.step) continue;
      this.put(this.sum / this.count); // the mean of what falls into one step: a plain low-pass
      this.phase -= this.step;
      this.sum = 0;
      this.count = 0;
    }
    return true;
  }

  put(sample) {
    this.piece[this.filled] = Math.max(-1, Math.min(1, sample)) * 32767;
    this.filled += 1;
    if (this.filled < PIECE) return;
    let square = 0;
    for (const value of this.piece) square += (value / 32768) ** 2;
    this.port.postMessage({ samples: this.piece, level: Math.sqrt(square / PIECE) });
    this.piece = new Int16Array(PIECE);
    this.filled = 0;
  }
}

registerProcessor("recorder", Recorder);
