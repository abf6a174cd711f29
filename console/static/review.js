// Reviewing by keyboard: through the list of calls, and from one opened call to the next of that list.
// Letters alone do something only while no field is written in, and can be switched off (WCAG 2.1.4).
"use strict";
(() => {
  const OFF = "firstring-no-letter-keys"; // this browser wants none
  const PLACE = "firstring-review"; // the list that was last looked at, of this tab: its address and its calls
  const news = document.getElementById("news");
  const isOff = () => localStorage.getItem(OFF) === "yes";
  const links = () => [...document.querySelectorAll("[data-review] tbody th a")];
  const callOf = (address) => (address.match(/^\/calls\/([\w-]+)$/) || [])[1];

  function remember() {
    if (!links().length) return;
    const calls = links().map((link) => link.getAttribute("href"));
    sessionStorage.setItem(PLACE, JSON.stringify({ list: location.pathname + location.search, calls }));
  }

  // ------------------------------------------------------------------ in the list

  function move(step) {
    const all = links();
    const row = document.activeElement && document.activeElement.closest("[data-review] tr");
    const at = row ? all.indexOf(row.querySelector("th a")) : step > 0 ? -1 : all.length;
    const next = all[at + step];
    if (!next) return tell(step > 0 ? "This is the last call of this page." : "This is the first call of this page.");
    next.focus();
    next.scrollIntoView({ block: "nearest" });
  }

  function open() {
    const link = document.activeElement && document.activeElement.closest("[data-review] tr");
    if (link) link.querySelector("th a").click();
  }

  // ------------------------------------------------------------------ in a call

  function go(step) {
    const { list, calls } = JSON.parse(sessionStorage.getItem(PLACE) || '{"list": "/calls", "calls": []}');
    if (!step) return location.assign(list);
    const here = callOf(location.pathname);
    const at = calls.findIndex((address) => callOf(address.split("#")[0]) === here);
    const next = at < 0 ? undefined : calls[at + step];
    if (next) location.assign(next);
    else tell(step > 0 ? "No further call on that page of the list: u leads back to it." : "No call before this one on that page of the list: u leads back to it.");
  }

  function tell(words) {
    news.textContent = words;
  }

  // ------------------------------------------------------------------ keys

  const inList = { j: () => move(1), k: () => move(-1), o: open };
  const inCall = { j: () => go(1), k: () => go(-1), u: () => go(0) };

  function isWriting(target) {
    return target.closest("input, select, textarea, summary, audio, [contenteditable], [role=slider]") !== null;
  }

  document.addEventListener("keydown", (event) => {
    if (isOff() || event.altKey || event.ctrlKey || event.metaKey || isWriting(event.target)) return;
    const deeds = document.querySelector("[data-review]") ? inList : callOf(location.pathname) ? inCall : {};
    const deed = Object.hasOwn(deeds, event.key) && deeds[event.key];
    if (!deed) return;
    event.preventDefault();
    deed();
  });

  // ------------------------------------------------------------------ the switch

  function showSwitch() {
    const part = document.querySelector("[data-keys]");
    const button = document.querySelector("[data-keys-switch]");
    if (!part || !button) return;
    part.hidden = false;
    button.textContent = isOff() ? "Letter keys: off" : "Letter keys: on";
    button.setAttribute("aria-pressed", String(!isOff()));
  }

  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-keys-switch]")) return;
    localStorage.setItem(OFF, isOff() ? "no" : "yes");
    showSwitch();
  });

  // console.js replaces what the page shows: the switch is then shown anew.
  const main = document.getElementById("main");
  if (main) new MutationObserver(showSwitch).observe(main, { childList: true });
  addEventListener("pagehide", remember);
  showSwitch();
})();
