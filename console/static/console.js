// Keeps an open page current, and leaves it when nobody is signed in any longer.
"use strict";

const EVERY_MS = 5000;
const CLOCKS_EVERY_MS = 30000;
const SESSION_EVERY_MS = 30000;
const main = document.querySelector("main[data-live]");
const news = document.getElementById("news");
const signedIn = "signedIn" in document.body.dataset;
let shown = main && main.innerHTML;
let used = false; // whether somebody typed or pointed since the server was last told

// A page that asks for itself does not count as use: see x-refresh in console/gate.py.
async function ask(path, headers) {
  const answer = await fetch(path, { headers, redirect: "manual" });
  if (answer.type === "opaqueredirect" || answer.status === 401) leave();
  else if (!answer.ok) throw new Error(String(answer.status));
  return answer;
}

// What was on the screen goes; the browser's way back leads to the sign-in page too.
function leave() {
  document.body.replaceChildren();
  location.replace("/sign-in?next=" + encodeURIComponent(location.pathname + location.search));
}

// What somebody has typed and not sent.
function isTyped() {
  const fields = main.querySelectorAll("input:not([type=hidden], [type=checkbox]), textarea");
  return [...fields].some((field) => field.value !== field.defaultValue);
}

function busy() {
  const inside = main.contains(document.activeElement) && document.activeElement !== main;
  const listening = [...main.querySelectorAll("audio")].some((sound) => sound.currentTime && !sound.ended);
  return document.hidden || inside || listening || isTyped() || String(window.getSelection()) !== "";
}

async function refresh() {
  if (busy()) return;
  const answer = await ask(location.href, { "X-Refresh": "1" });
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.querySelector("main[data-live]");
  news.textContent = "";
  if (!fresh || fresh.innerHTML === shown || busy()) return;
  shown = fresh.innerHTML;
  main.replaceChildren(...fresh.childNodes);
  document.dispatchEvent(new Event("firstring-shown")); // scripts of the page take hold of it again
  news.textContent = "The page was brought up to date.";
}

async function keepCurrent() {
  try {
    await refresh();
  } catch {
    news.textContent = "The connection is gone. This page may be out of date.";
  }
  // While live.js hears of changes at once, only clocks move in between.
  setTimeout(keepCurrent, "streaming" in document.body.dataset ? CLOCKS_EVERY_MS : EVERY_MS);
}

async function somethingChanged() {
  if (busy() && !document.hidden) news.textContent = "There is something new. It is shown when you leave this form.";
  else await refresh().catch(() => {}); // the next round says so when the connection is gone
}

async function keepSession() {
  const headers = used ? {} : { "X-Refresh": "1" };
  used = false;
  await ask("/session", headers).catch(() => {}); // keepCurrent says when the connection is gone
  setTimeout(keepSession, SESSION_EVERY_MS);
}

if (main && signedIn) {
  setTimeout(keepCurrent, EVERY_MS);
  document.addEventListener("firstring-changed", somethingChanged);
}
if (signedIn) {
  for (const deed of ["keydown", "pointerdown"]) addEventListener(deed, () => (used = true));
  setTimeout(keepSession, SESSION_EVERY_MS);
}
