// Tells this page at once that something has changed, and sounds while something urgent waits for somebody.
"use strict";
(() => {
  if (!("signedIn" in document.body.dataset)) return;

  const AGAIN_MS = 2000;
  const SOUND_EVERY_MS = 8000;
  const QUIET = "firstring-quiet"; // this browser makes no sound
  const news = document.getElementById("news");
  const title = document.title;
  let last = "";
  let alarms = 0;
  let sound = null;

  // ------------------------------------------------------------------ the stream

  // By fetch and not by EventSource: a page that listens does not count as use of the session.
  async function listen() {
    const headers = { "X-Refresh": "1", ...(last ? { "Last-Event-ID": last } : {}) };
    const answer = await fetch("/events", { headers, redirect: "manual" });
    if (answer.status === 403) return false; // this role has no queue
    if (!answer.ok || !answer.body) throw new Error(String(answer.status));
    document.body.dataset.streaming = "";
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return true;
      const blocks = (text + value).split("\n\n");
      text = blocks.pop();
      blocks.forEach(hear);
    }
  }

  function hear(block) {
    const fields = Object.fromEntries(block.split("\n").map((line) => line.split(/: (.*)/s, 2)));
    if (fields.event !== "changed") return;
    last = fields.id;
    const happened = JSON.parse(fields.data);
    show(happened.alarms);
    if (happened.kinds.length) document.dispatchEvent(new CustomEvent("firstring-changed", { detail: happened }));
  }

  async function keepListening() {
    let again = true;
    try {
      again = await listen();
    } catch {
      // console.js asks for the page every few seconds meanwhile, and says when the connection is gone.
    }
    delete document.body.dataset.streaming;
    if (again) setTimeout(keepListening, AGAIN_MS);
  }

  // ------------------------------------------------------------------ the alarm

  function show(count) {
    const more = count > alarms;
    alarms = count;
    document.title = count ? `(${count}!) ${title}` : title;
    for (const badge of document.querySelectorAll("[data-alarms]")) {
      badge.textContent = count;
      badge.hidden = !count;
    }
    if (more) {
      news.textContent = count === 1 ? "Something urgent waits for somebody." : `${count} urgent things wait for somebody.`;
      ring();
    }
  }

  const quiet = () => localStorage.getItem(QUIET) === "yes";

  // Two short tones, made here: nothing is loaded. Browsers allow it once somebody has used the page.
  function ring() {
    if (!alarms || quiet()) return;
    sound = sound || new AudioContext();
    sound.resume().catch(() => {});
    [660, 880].forEach((pitch_hz, n) => {
      const tone = sound.createOscillator();
      const loudness = sound.createGain();
      const at = sound.currentTime + n * 0.25;
      tone.frequency.value = pitch_hz;
      loudness.gain.setValueAtTime(0.0001, at);
      loudness.gain.exponentialRampToValueAtTime(0.3, at + 0.02);
      loudness.gain.exponentialRampToValueAtTime(0.0001, at + 0.22);
      tone.connect(loudness).connect(sound.destination);
      tone.start(at);
      tone.stop(at + 0.24);
    });
  }

  function addSwitch() {
    const who = document.querySelector(".who");
    if (!who) return;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "soft";
    const say = () => {
      button.textContent = quiet() ? "Alarm sound: off" : "Alarm sound: on";
      button.setAttribute("aria-pressed", String(!quiet()));
    };
    button.addEventListener("click", () => {
      localStorage.setItem(QUIET, quiet() ? "no" : "yes");
      say();
      ring();
    });
    say();
    who.prepend(button);
  }

  // ------------------------------------------------------------------ by keyboard

  // The arrows lead from one task to the next while one has the focus.
  document.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || event.altKey || event.ctrlKey || event.metaKey) return;
    const titles = [...document.querySelectorAll(".cards .title a")];
    const next = titles[titles.indexOf(document.activeElement) + step];
    if (!titles.includes(document.activeElement) || !next) return;
    event.preventDefault();
    next.focus();
  });

  addSwitch();
  setInterval(ring, SOUND_EVERY_MS);
  keepListening();
})();
