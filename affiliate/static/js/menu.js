// A <details data-sheet> closes on Escape, on a click elsewhere, and when focus leaves it.
(() => {
  "use strict";
  const close = (except) => document.querySelectorAll("details[data-sheet][open]").forEach((menu) => {
    if (menu !== except) menu.open = false;
  });
  document.addEventListener("click", (event) => close(event.target.closest("[data-sheet]")));
  document.addEventListener("focusin", (event) => close(event.target.closest("[data-sheet]")));
  document.addEventListener("keydown", (event) => {
    const menu = event.key === "Escape" && document.querySelector("details[data-sheet][open]");
    if (!menu) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });
})();
