/* Lets the seconds of calls run on between two answers of the server. */
"use strict";
(() => {
  const since = new WeakMap();
  const show = (element) => {
    if (!since.has(element)) since.set(element, performance.now());
    const passed = Math.floor((performance.now() - since.get(element)) / 1000);
    const seconds = Number(element.dataset.seconds) + passed;
    element.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  };
  setInterval(() => document.querySelectorAll("[data-seconds]").forEach(show), 1000);
  document.querySelectorAll("[data-seconds]").forEach(show);
  document.addEventListener("htmx:load", (event) => {
    event.target.querySelectorAll("[data-seconds]").forEach(show);
  });
})();
