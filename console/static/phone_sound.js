// The telephone's sound: mu-law at 8 kHz on the line's side, the sound card's rate on the other.
// Runs where the browser makes sound (AudioWorklet), and in Node for its tests; it knows no page.
"use strict";

const LINE_HZ = 8000;
const FRAME_SAMPLES = 160; // 20 ms, as a carrier sends them
const LEAD_SAMPLES = 480; // 60 ms lie ready before anything is played: the network's pieces come unevenly
const DRAWN_SAMPLES = 16; // at once from the line
const LOUDEST = 32767;

// ------------------------------------------------------------------ G.711 mu-law
// ITU-T G.711 (11/88), table 2a, by the arithmetic of the G.191 tool library, on 14-bit magnitudes.

const BIAS = 33;
const CLIP = 0x1fff;
const SILENCE = 0xff;

function toMulaw(sample) {
  const magnitude = (sample < 0 ? ~sample : sample) >> 2;
  const biased = Math.min(magnitude + BIAS, CLIP);
  const segment = 26 - Math.clz32(biased);
  const code = (segment << 4) | ((biased >> (segment + 1)) & 0x0f) | (sample < 0 ? 0x80 : 0);
  return ~code & 0xff;
}

function fromMulaw(byte) {
  const code = ~byte & 0xff;
  const magnitude = ((((code & 0x0f) << 1) + BIAS) << ((code >> 4) & 0x07)) - BIAS;
  return (code & 0x80 ? -magnitude : magnitude) * 4;
}

const toInteger = (value) => Math.round(Math.max(-1, Math.min(1, value)) * LOUDEST);

// ------------------------------------------------------------------ from one rate to another
// A windowed sinc, read from a table: what does not fit below half of the lower rate is taken away.

const PASSED = 0.46; // of the lower rate: 3,680 Hz of 8,000
const CROSSINGS = 20;
const STEPS = 32; // of the table, a sample
const KAISER = 6; // about 60 dB

function bessel(x) {
  let sum = 1;
  let term = 1;
  for (let k = 1; term > 1e-9 * sum; k += 1) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}

function kernel(cutoff, half) {
  const table = new Float32Array(half * STEPS + 2);
  for (let i = 0; i <= half * STEPS; i += 1) {
    const at = i / STEPS;
    const angle = 2 * Math.PI * cutoff * at;
    const sinc = at === 0 ? 1 : Math.sin(angle) / angle;
    const window = bessel(KAISER * Math.sqrt(Math.max(0, 1 - (at / half) ** 2))) / bessel(KAISER);
    table[i] = 2 * cutoff * sinc * window;
  }
  return table;
}

class Resampler {
  constructor(fromHz, toHz) {
    const cutoff = (PASSED * Math.min(fromHz, toHz)) / fromHz;
    this.step = fromHz / toHz; // input samples to an output sample
    this.half = Math.ceil(CROSSINGS / (2 * cutoff));
    this.table = kernel(cutoff, this.half);
    this.kept = new Float32Array(this.half);
    this.at = this.half; // where in `kept` the next output sample lies
  }

  // What comes out for further input, as an array of any length; it lags by `half` input samples.
  push(input) {
    const all = new Float32Array(this.kept.length + input.length);
    all.set(this.kept);
    all.set(input, this.kept.length);
    const output = [];
    for (; this.at + this.half < all.length; this.at += this.step) output.push(this.sample(all));
    const done = Math.min(Math.max(0, Math.floor(this.at) - this.half), all.length);
    this.kept = all.slice(done);
    this.at -= done;
    return output;
  }

  sample(all) {
    const first = Math.max(0, Math.ceil(this.at - this.half));
    const last = Math.floor(this.at + this.half);
    let sum = 0;
    for (let i = first; i <= last; i += 1) {
      const place = Math.abs(i - this.at) * STEPS;
      const below = Math.floor(place);
      const part = place - below;
      sum += all[i] * (this.table[below] * (1 - part) + this.table[below + 1] * part);
    }
    return sum;
  }
}

// ------------------------------------------------------------------ the microphone's side

// What is spoken, as frames of mu-law: also in silence and while muted, as a telephone does.
class Mouthpiece {
  constructor(rateHz, tell) {
    this.tell = tell;
    this.muted = false;
    this.down = new Resampler(rateHz, LINE_HZ);
    this.begin();
  }

  begin() {
    this.frame = new Uint8Array(FRAME_SAMPLES);
    this.filled = 0;
    this.energy = 0;
  }

  hear(samples) {
    for (const value of this.down.push(samples)) {
      this.energy += value * value;
      this.frame[this.filled] = this.muted ? SILENCE : toMulaw(toInteger(value));
      this.filled += 1;
      if (this.filled === FRAME_SAMPLES) {
        this.tell({ frame: this.frame, level: Math.sqrt(this.energy / FRAME_SAMPLES) });
        this.begin();
      }
    }
  }
}

// ------------------------------------------------------------------ the speaker's side

// What the line sends, played in order. A mark is told when all before it was heard, or cleared away:
// https://www.twilio.com/docs/voice/media-streams/websocket-messages#send-a-mark-message
class Earpiece {
  constructor(rateHz, tell) {
    this.tell = tell;
    this.up = new Resampler(LINE_HZ, rateHz);
    this.ready = []; // at the sound card's rate
    this.queue = []; // pieces of mu-law, and names of marks
    this.offset = 0; // in the first piece
    this.lead = 0; // samples to wait before the next piece begins
    this.drawn = 0; // samples of the line since the beginning, silence too
    this.handed = 0; // the same, as far as the sound card has them
    this.lag = 0; // samples from there to the ear
    this.leaving = []; // marks on their way to the ear: [name, when]
    this.dry = true;
  }

  media(mulaw) {
    if (this.dry) this.lead = LEAD_SAMPLES;
    this.dry = false;
    this.queue.push(mulaw);
  }

  mark(name) {
    this.queue.push(name);
  }

  clear() {
    const marks = [...this.leaving.map(([name]) => name), ...this.queue.filter((each) => typeof each === "string")];
    const playing = !this.dry && this.lead <= 0;
    this.queue = [];
    this.leaving = [];
    this.offset = 0;
    this.lead = 0;
    this.dry = !playing; // what follows at once joins on without a gap
    for (const name of marks) this.tell({ mark: name });
  }

  // The next samples for the sound card.
  take(count) {
    while (this.leaving.length && this.leaving[0][1] <= this.handed) this.tell({ mark: this.leaving.shift()[0] });
    while (this.ready.length < count) this.ready.push(...this.up.push(this.line(DRAWN_SAMPLES)));
    this.handed += count * this.up.step;
    return this.ready.splice(0, count);
  }

  line(count) {
    const samples = new Float32Array(count);
    for (let i = 0; i < count; i += 1) samples[i] = this.next() / (LOUDEST + 1);
    return samples;
  }

  next() {
    this.passMarks();
    this.drawn += 1;
    if (!this.queue.length) {
      this.dry = true;
      return 0;
    }
    if (this.lead > 0) {
      this.lead -= 1;
      return 0;
    }
    const piece = this.queue[0];
    const sample = fromMulaw(piece[this.offset]);
    this.offset += 1;
    if (this.offset >= piece.length) {
      this.queue.shift();
      this.offset = 0;
    }
    return sample;
  }

  passMarks() {
    while (this.queue.length && (typeof this.queue[0] === "string" || !this.queue[0].length)) {
      const mark = this.queue.shift();
      if (typeof mark === "string") this.leaving.push([mark, this.drawn + this.up.half + this.lag]);
    }
  }
}

// ------------------------------------------------------------------ in the browser

if ("registerProcessor" in globalThis) {
  // One for both directions: input the microphone, output the speaker, messages the line.
  class Handset extends AudioWorkletProcessor {
    constructor() {
      super();
      const tell = (message) => this.port.postMessage(message);
      this.mouthpiece = new Mouthpiece(sampleRate, tell);
      this.earpiece = new Earpiece(sampleRate, tell);
      this.port.onmessage = ({ data }) => this.obey(data);
    }

    obey({ media, mark, clear, muted, latency_s }) {
      if (media) this.earpiece.media(media);
      if (mark !== undefined) this.earpiece.mark(mark);
      if (clear) this.earpiece.clear();
      if (muted !== undefined) this.mouthpiece.muted = muted;
      if (latency_s !== undefined) this.earpiece.lag = Math.round(latency_s * LINE_HZ);
    }

    process([input], [output]) {
      const [speaker] = output;
      this.mouthpiece.hear(input[0] || new Float32Array(speaker.length)); // a dead microphone is silent
      speaker.set(this.earpiece.take(speaker.length));
      return true;
    }
  }
  registerProcessor("firstring-handset", Handset);
}
