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
    return { box, from };
  }

  function follow(player, parts) {
    const part = parts.findLast((one) => one.from <= player.currentTime + 0.05);
    for (const { box } of parts) {
      const isNew = box === part?.box && !box.classList.contains("playing");
      box.classList.toggle("playing", box === part?.box);
      if (isNew && !player.paused) box.scrollIntoView({ block: "nearest" });
    }
  }

  function begin() {
    const player = sound();
    if (!player) return;
    const boxes = [...document.querySelectorAll(".transcript [data-from]")];
    const parts = boxes.map((box) => arm(player, box)).sort((one, other) => one.from - other.from);
    for (const name of ["timeupdate", "seeked", "play"]) player.addEventListener(name, () => follow(player, parts));
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
