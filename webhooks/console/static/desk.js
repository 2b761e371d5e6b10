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
  // Nothing opens over a card in which something was typed.
  let typed = false;
  document.addEventListener("input", (event) => {
    if (event.target.closest("main form")) typed = true;
  });
  document.addEventListener("htmx:configRequest", (event) => {
    if (typed) event.detail.parameters.typed = "yes";
  });
  // A support code is dictated and checked in groups: customer number, then the PIN.
  const grouped = (digits) => digits.length > 6
    ? [digits.slice(0, 5), digits.slice(5, 8), digits.slice(8, 11)]
    : [digits.slice(0, 3), digits.slice(3)];
  document.querySelectorAll("[data-groups]").forEach((field) => field.addEventListener("input", () => {
    if (field.selectionStart !== field.value.length) return;
    const digits = field.value.replace(/\D/g, "").slice(0, 11);
    field.value = grouped(digits).filter(Boolean).join(" ");
  }));
  // An order may go five seconds after the notice was read out; the server counts too.
  const countDown = (wait) => {
    const button = document.querySelector('button[value="call_out"]');
    const possible = button && !button.disabled;
    const end = performance.now() + Number(wait.dataset.wait) * 1000;
    const tick = () => {
      const left = Math.ceil((end - performance.now()) / 1000);
      if (left > 0) {
        wait.textContent = wait.dataset.text.replace("{n}", left);
        setTimeout(tick, 100);
        return;
      }
      wait.setAttribute("role", "status");
      wait.textContent = wait.dataset.done;
      if (possible) button.disabled = false;
    };
    if (possible) button.disabled = true;
    tick();
  };
  document.querySelectorAll("[data-wait]").forEach(countDown);
})();
