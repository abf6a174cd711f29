// Runs review.js on a page of stubs; prints what its keys did, as JSON. Used by test_review_script.py.
import { readFileSync } from "node:fs";
import vm from "node:vm";

const [script, setting] = process.argv.slice(2);
const { path, query, keys, kept, switched, writing } = JSON.parse(setting);
const isList = path === "/calls";
const local = new Map();
const session = new Map(kept ? [["firstring-review", JSON.stringify(kept)]] : []);
const store = (map) => ({ getItem: (key) => map.get(key) ?? null, setItem: (key, value) => map.set(key, value) });
const news = { textContent: "" };
const went = [];
const heard = {};
const prevented = [];

const body = { closest: () => null };
const links = (isList ? ["/calls/CA1", "/calls/CA2#turn-3", "/calls/CA3"] : []).map((href) => {
  const link = {
    getAttribute: () => href,
    focus() { page.activeElement = link; },
    scrollIntoView() {},
    click() { went.push(href); },
    closest: (what) => (what === "[data-review] tr" ? { querySelector: () => link } : null),
  };
  return link;
});
const field = { closest: (what) => (what.includes("input") ? field : null) };
const button = { textContent: "", setAttribute() {}, closest: () => button };
const part = { hidden: true };
const parts = isList ? { "[data-review]": {}, "[data-keys]": part, "[data-keys-switch]": button } : {};

const page = {
  activeElement: body,
  getElementById: (name) => (name === "news" ? news : body),
  querySelector: (what) => parts[what] ?? null,
  querySelectorAll: () => links,
  addEventListener: (kind, deed) => (heard[kind] = deed),
};
vm.runInNewContext(readFileSync(script, "utf8"), {
  document: page,
  localStorage: store(local),
  sessionStorage: store(session),
  location: { pathname: path, search: query ?? "", assign: (where) => went.push(where) },
  MutationObserver: class { observe() {} },
  addEventListener: (kind, deed) => (heard[kind] = deed),
});
if (switched) heard.click({ target: button });
for (const key of keys) {
  const target = writing ? field : page.activeElement;
  heard.keydown({ key: key.replace("ctrl-", ""), ctrlKey: key.startsWith("ctrl-"), target, preventDefault: () => prevented.push(key) });
}
heard.pagehide();
const at = links.indexOf(page.activeElement);
console.log(JSON.stringify({ at, went, news: news.textContent, prevented, button: button.textContent, isShown: !part.hidden, kept: JSON.parse(session.get("firstring-review") ?? "null") }));
