// Puts the form that corrects a turn into the page where it is asked for, so that a recording plays on.
"use strict";
document.addEventListener("click", async (event) => {
  const link = event.target.closest("a.correct");
  if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  try {
    const answer = await fetch(link.href, { redirect: "error" });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const form = document.importNode(page.getElementById(link.dataset.form), true);
    link.parentElement.replaceWith(form);
    form.querySelector("textarea").focus();
  } catch {
    location.assign(link.href); // without this script the link does the same
  }
});
