// Runs live.js on a page of stubs; prints what the page then shows, as JSON. Used by test_live_script.py.
import { readFileSync } from "node:fs";
import vm from "node:vm";

const [script, mode] = process.argv.slice(2);
const asked = [];
const changed = [];
const rung = [];
const badge = { textContent: "", hidden: true };
const news = { textContent: "" };
const kept = new Map(mode === "quiet" ? [["firstring-quiet", "yes"]] : []);
const timers = [];
const encode = new TextEncoder();
const happened = (id, kinds, alarms) =>
  `id: ${id}\nevent: changed\ndata: ${JSON.stringify({ kinds, alarms })}\n\n`;
const streams = [
  ["retry: 2000\n\n" + happened(7, [], 0), happened(8, ["queue"], 1).slice(0, 12), happened(8, ["queue"], 1).slice(12)],
  [": still there\n\n" + happened(9, ["calls"], 1)],
];

class Tone {
  frequency = {};
  gain = { setValueAtTime() {}, exponentialRampToValueAtTime() {} };
  connect(next) { return next; }
  start() { rung.push(this.frequency.value); }
  stop() {}
}

const page = {
  body: { dataset: { signedIn: "" } },
  title: "Inbox",
  activeElement: null,
  getElementById: () => news,
  querySelector: () => null,
  querySelectorAll: (what) => (what === "[data-alarms]" ? [badge] : []),
  addEventListener() {},
  dispatchEvent: (event) => changed.push(event.type),
};

async function ask(path, { headers }) {
  asked.push([path, headers]);
  if (mode === "forbidden") return { ok: false, status: 403 };
  const texts = streams.shift();
  if (!texts) return { ok: false, status: 503 };
  const body = new ReadableStream({
    start(controller) {
      texts.forEach((text) => controller.enqueue(encode.encode(text)));
      controller.close();
    },
  });
  return { ok: true, status: 200, body };
}

vm.runInNewContext(readFileSync(script, "utf8"), {
  document: page,
  fetch: ask,
  localStorage: { getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => kept.set(key, value) },
  AudioContext: class {
    currentTime = 0;
    destination = {};
    resume() { return Promise.resolve(); }
    createOscillator() { return new Tone(); }
    createGain() { return new Tone(); }
  },
  setTimeout: (work) => timers.push(work),
  setInterval() {},
  TextDecoderStream,
  Event,
  CustomEvent,
});
const settled = () => new Promise((done) => setTimeout(done, 20));
await settled();
for (let round = 0; round < 2 && timers.length; round += 1) {
  timers.shift()();
  await settled();
}
console.log(JSON.stringify({ asked, changed, rung, badge, title: page.title, news: news.textContent, again: timers.length }));
