// The recording of a call: marks the words that are heard, and plays from where somebody clicks.
"use strict";
(() => {
  const KEPT = `firstring-sound ${location.pathname}`; // where somebody was, over a form that was sent
  const clock = (s) => `${Math.floor(s / 60)}:${String(Math.floor(s % 60)).padStart(2, "0")}`;
  const sound = () => document.getElementById("sound");

  // A browser that has loaded nothing yet goes there once it knows how long the sound is.
  function seek(player, at) {
    const go = () => (player.currentTime = at);
    if (player.readyState >= 1) return go();
    player.addEventListener("loadedmetadata", go, { once: true });
    player.load();
  }

  function playFrom(player, at) {
    seek(player, at);
    player.play().catch(() => {}); // the player itself shows that it cannot
  }

  // Without this script a part's place is text; with it a button.
  function arm(player, box) {
    const from = Number(box.dataset.from);
    const button = document.createElement("button");
    button.type = "button";
    button.className = "soft seek";
    button.textContent = `▶ ${clock(from)}`;
    button.setAttribute("aria-label", `Play from ${clock(from)}`);
    button.addEventListener("click", () => playFrom(player, from));
    box.querySelector(".place").replaceChildren(button);
    box.querySelector(".said")?.addEventListener("click", () => {
      if (String(getSelection()) === "") playFrom(player, from); // who marks words wants to copy them
    });
    box.classList.add("can-play");
    return { box, from, to: Number(box.dataset.to) || from + 1 };
  }

  // ------------------------------------------------------------------ following

  function wordsOf(box) {
    const said = box.querySelector(".said");
    if (said && !said.querySelector(".word")) said.replaceChildren(...said.textContent.split(/(\s+)/).map(asWord));
    return [...box.querySelectorAll(".word")];
  }

  function asWord(text) {
    if (!text.trim()) return document.createTextNode(text);
    const word = document.createElement("span");
    word.className = "word";
    word.textContent = text;
    return word;
  }

  // Which word is about now: speech takes its time letter by letter.
  function markWord({ box, from, to }, now) {
    const words = wordsOf(box);
    const letters = words.reduce((sum, word) => sum + word.textContent.length, 0);
    let left = ((now - from) / (to - from)) * letters;
    const at = now < to ? words.find((word) => (left -= word.textContent.length) < 0) : undefined;
    for (const word of words) word.classList.toggle("heard-now", word === at);
  }

  // Marks the part and the word that are heard, again with every picture while it plays.
  class Follower {
    constructor(player, parts) {
      Object.assign(this, { player, parts, here: undefined, frame: 0 });
    }

    look() {
      const now = this.player.currentTime;
      const part = this.parts.findLast((one) => one.from <= now + 0.05);
      if (part !== this.here) this.turnTo(part);
      if (part) markWord(part, now);
    }

    turnTo(part) {
      if (this.here) {
        this.here.box.classList.remove("playing");
        markWord(this.here, Infinity);
      }
      this.here = part;
      if (!part) return;
      part.box.classList.add("playing");
      const isWriting = document.activeElement?.closest("form") !== null; // nothing moves under their hands
      if (!this.player.paused && !isWriting) part.box.scrollIntoView({ block: "nearest" });
    }

    follow() {
      this.look();
      cancelAnimationFrame(this.frame);
      if (!this.player.paused && this.player.isConnected) this.frame = requestAnimationFrame(() => this.follow());
    }
  }

  // Who came for one turn hears that one first; nothing is loaded before they want to hear.
  function startAtTurn(player) {
    const turn = location.hash.startsWith("#turn-") && document.getElementById(location.hash.slice(1));
    const from = turn && turn.querySelector("[data-from]");
    if (from) player.addEventListener("play", () => !player.currentTime && seek(player, Number(from.dataset.from)), { once: true });
  }

  function begin() {
    const player = sound();
    if (!player) return;
    const boxes = [...document.querySelectorAll(".transcript [data-from]")];
    const parts = boxes.map((box) => arm(player, box)).sort((one, other) => one.from - other.from);
    const follower = new Follower(player, parts);
    for (const name of ["play", "seeked", "pause"]) player.addEventListener(name, () => follower.follow());
    startAtTurn(player);
  }

  addEventListener("pagehide", () => {
    const at = sound()?.currentTime;
    if (at) sessionStorage.setItem(KEPT, at);
  });
  document.addEventListener("firstring-shown", begin);
  begin();
  const kept = Number(sessionStorage.getItem(KEPT));
  sessionStorage.removeItem(KEPT);
  if (kept && sound()) seek(sound(), kept);
})();
