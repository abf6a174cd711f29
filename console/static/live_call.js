// Follows a call that goes on: each turn as it is stored, without disturbing who writes or reads on the page.
"use strict";
(() => {
  const call = document.querySelector("[data-call]");
  if (!call) return;

  const WITHOUT_NEWS_MS = 30000; // the stream tells of changes; a clock and a lost line are seen by asking
  const WITHOUT_STREAM_MS = 3000;
  const NEAR_THE_END_PX = 120;
  const turns = document.getElementById("live-turns");
  const shown = new Map(); // what the server last sent of each part
  let asking = false;
  let again = false;
  let timer = 0;

  for (const part of document.querySelectorAll("[data-part]")) shown.set(part.id, part.innerHTML);
  for (const turn of turns.children) shown.set(turn.id, turn.innerHTML);

  async function refresh() {
    again = true;
    if (asking) return;
    asking = true;
    try {
      while (again) {
        again = false;
        await once();
      }
      news.textContent = "";
    } catch {
      news.textContent = "The connection is gone. This page may be out of date.";
    }
    asking = false;
    later();
  }

  async function once() {
    const answer = await ask(location.href, { "X-Refresh": "1" });
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const follow = innerHeight + scrollY >= document.documentElement.scrollHeight - NEAR_THE_END_PX;
    page.querySelectorAll("[data-part]").forEach(showPart);
    const added = [...page.querySelectorAll("#live-turns > li")].filter(showTurn);
    startClock();
    if (added.length && follow) scrollTo(0, document.documentElement.scrollHeight);
    if (!page.querySelector("[data-call]")) delete call.dataset.call; // it has ended
  }

  function showPart(fresh) {
    const part = document.getElementById(fresh.id);
    if (!part || shown.get(fresh.id) === fresh.innerHTML || part.contains(document.activeElement)) return;
    if (heard && part.querySelector("[data-listen]")) return; // its button stops the sound
    shown.set(fresh.id, fresh.innerHTML);
    part.replaceChildren(...fresh.childNodes);
    offerSound();
  }

  // Turns that were shown stay, also those that the page would show elsewhere by now.
  function showTurn(fresh) {
    if (shown.get(fresh.id) === fresh.innerHTML) return false;
    shown.set(fresh.id, fresh.innerHTML);
    const turn = document.getElementById(fresh.id);
    if (turn) turn.replaceChildren(...fresh.childNodes);
    else turns.append(fresh);
    document.getElementById("turn-none")?.remove();
    return true;
  }

  // ------------------------------------------------------------------ listening in

  const HEADER_BYTES = 44; // of a WAV; then 16-bit samples, 8 kHz, one channel
  const RATE_HZ = 8000;
  const AHEAD_S = 0.2; // how far ahead of its moment a piece is put, so that the network may be late
  const MOST_BEHIND_S = 1.5;
  let heard = null; // what is playing: its end, and the button that stops it

  // Not by <audio>: browsers collect many seconds of such a stream before they begin.
  function offerSound() {
    for (const button of call.querySelectorAll("[data-listen]")) button.hidden = false;
  }

  async function listen(button) {
    const context = new AudioContext();
    const mine = (heard = { button, stop: new AbortController() });
    button.textContent = "Stop listening";
    try {
      const answer = await fetch(button.dataset.listen, { signal: mine.stop.signal, redirect: "manual" });
      if (!answer.ok || !answer.body) throw new Error(String(answer.status));
      await context.resume();
      news.textContent = "You hear the call.";
      await play(answer.body.getReader(), context);
      news.textContent = "The call is not to be heard any more.";
    } catch (problem) {
      news.textContent = problem.name === "AbortError" ? "" : "This call cannot be heard just now.";
    }
    await context.close();
    if (heard === mine) heard = null;
    button.textContent = "Listen in";
  }

  async function play(reader, context) {
    let skip = HEADER_BYTES;
    let rest = new Uint8Array();
    let at = 0;
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      const from = Math.min(skip, value.length);
      skip -= from;
      const bytes = new Uint8Array([...rest, ...value.subarray(from)]);
      rest = bytes.slice(bytes.length & ~1);
      at = putIn(context, new DataView(bytes.buffer), bytes.length >> 1, at);
    }
  }

  // Each piece follows the one before; what comes too late to keep up is left out.
  function putIn(context, bytes, count, at) {
    if (!count || at - context.currentTime > MOST_BEHIND_S) return at;
    const piece = context.createBuffer(1, count, RATE_HZ);
    const samples = piece.getChannelData(0);
    for (let n = 0; n < count; n += 1) samples[n] = bytes.getInt16(2 * n, true) / 32768;
    const source = context.createBufferSource();
    source.buffer = piece;
    source.connect(context.destination);
    const begin = at < context.currentTime ? context.currentTime + AHEAD_S : at;
    source.start(begin);
    return begin + piece.duration;
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-listen]");
    if (!button) return;
    if (heard) heard.stop.abort();
    else listen(button);
  });

  // ------------------------------------------------------------------ how long it goes on

  let began = 0;
  function startClock() {
    const clock = call.querySelector("[data-seconds]");
    began = performance.now() - 1000 * Number(clock.dataset.seconds);
  }

  function tick() {
    const clock = call.querySelector("[data-seconds]");
    if (!clock || "over" in clock.dataset) return;
    const seconds = Math.floor((performance.now() - began) / 1000);
    clock.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  }

  function later() {
    clearTimeout(timer);
    if (!call.dataset.call) return;
    timer = setTimeout(refresh, "streaming" in document.body.dataset ? WITHOUT_NEWS_MS : WITHOUT_STREAM_MS);
  }

  document.addEventListener("firstring-changed", (event) => {
    const calls = event.detail?.calls;
    if (call.dataset.call && (!calls?.length || calls.includes(call.dataset.call))) refresh();
  });
  offerSound();
  startClock();
  setInterval(tick, 1000);
  later();
})();
