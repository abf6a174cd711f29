// Runs phone_sound.js in Node on what stands in standard input; prints what came of it, as JSON.
// Used by test_phone_sound.py.
import { readFileSync } from "node:fs";
import vm from "node:vm";

const [script] = process.argv.slice(2);
const asked = JSON.parse(readFileSync(0, "utf8"));
const processors = {};
// What the browser gives an audio worklet. In a context of its own every use of Math would be asked for anew: slow.
Object.assign(globalThis, {
  sampleRate: asked.rate_hz,
  AudioWorkletProcessor: class {
    port = { postMessage() {} };
  },
  registerProcessor: (name, made) => (processors[name] = made),
});
const sound = vm.runInThisContext(
  readFileSync(script, "utf8") + "\n;({ toMulaw, fromMulaw, Resampler, Mouthpiece, Earpiece });",
);

function inBlocks(samples, size, work) {
  for (let at = 0; at < samples.length; at += size) work(Float32Array.from(samples.slice(at, at + size)));
}

const tests = {
  codes: () => Array.from({ length: 65536 }, (_, i) => sound.toMulaw(i - 32768)),
  samples: () => Array.from({ length: 256 }, (_, byte) => sound.fromMulaw(byte)),
  resampled: ({ from_hz, to_hz, samples }) => {
    const resampler = new sound.Resampler(from_hz, to_hz);
    const output = [];
    inBlocks(samples, 128, (block) => output.push(...resampler.push(block)));
    return output;
  },
  // What a microphone of this rate brings, as the line gets it.
  spoken: ({ rate_hz, samples, muted }) => {
    const told = [];
    const mouthpiece = new sound.Mouthpiece(rate_hz, ({ frame, level }) => told.push({ frame: [...frame], level }));
    mouthpiece.muted = muted;
    inBlocks(samples, 128, (block) => mouthpiece.hear(block));
    return told;
  },
  // What is played, step by step: ["media", bytes], ["mark", name], ["clear"], ["take", samples].
  played: ({ rate_hz, lag, steps }) => {
    const happened = [];
    let taken = 0;
    const earpiece = new sound.Earpiece(rate_hz, ({ mark }) => happened.push([mark, taken]));
    earpiece.lag = lag;
    const heard = [];
    for (const [step, value] of steps) {
      if (step === "media") earpiece.media(Uint8Array.from(value));
      else if (step === "mark") earpiece.mark(value);
      else if (step === "clear") earpiece.clear();
      else
        for (let left = value; left > 0; left -= 128) {
          const block = earpiece.take(Math.min(128, left));
          taken += block.length;
          heard.push(...block);
        }
    }
    return { happened, heard };
  },
  // The processor as the browser makes it: a block with a microphone, one without.
  worklet: () => {
    const handset = new processors["firstring-handset"]();
    const told = [];
    handset.port.postMessage = (message) => told.push(message);
    handset.port.onmessage({ data: { media: new Uint8Array(160).fill(0x80), latency_s: 0.01 } });
    handset.port.onmessage({ data: { mark: "m" } });
    let loudest = 0;
    let frames = 0;
    for (let block = 0; block < 100; block += 1) {
      const speaker = new Float32Array(128);
      const goesOn = handset.process([block % 2 ? [] : [new Float32Array(128)]], [[speaker]]);
      if (!goesOn) throw new Error("the processor ended");
      loudest = Math.max(loudest, ...speaker.map(Math.abs));
    }
    for (const { frame } of told) if (frame) frames += 1;
    return { loudest, frames, marks: told.filter(({ mark }) => mark).length };
  },
};

console.log(JSON.stringify(tests[asked.test](asked)));
