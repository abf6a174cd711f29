// Keeps an open page current: asks for it again every few seconds and swaps the content when it changed.
"use strict";

const EVERY_MS = 5000;
const main = document.querySelector("main[data-live]");
const news = document.getElementById("news");
let shown = main && main.innerHTML;

function busy() {
  const inside = main.contains(document.activeElement) && document.activeElement !== main;
  return document.hidden || inside || String(window.getSelection()) !== "";
}

async function refresh() {
  if (busy()) return;
  const answer = await fetch(location.href, { headers: { "X-Refresh": "1" }, redirect: "error" });
  if (!answer.ok) throw new Error(String(answer.status));
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.querySelector("main[data-live]");
  news.textContent = "";
  if (!fresh || fresh.innerHTML === shown || busy()) return;
  shown = fresh.innerHTML;
  main.replaceChildren(...fresh.childNodes);
  news.textContent = "The page was brought up to date.";
}

async function keepCurrent() {
  try {
    await refresh();
  } catch {
    news.textContent = "The connection is gone. This page may be out of date.";
  }
  setTimeout(keepCurrent, EVERY_MS);
}

if (main) setTimeout(keepCurrent, EVERY_MS);
