// A <details class="menu"> closes on Escape, on a click elsewhere, and when focus leaves it.
(() => {
  "use strict";
  const close = (except) => document.querySelectorAll("details.menu[open]").forEach((menu) => {
    if (menu !== except) menu.open = false;
  });
  document.addEventListener("click", (event) => close(event.target.closest("details.menu")));
  document.addEventListener("focusin", (event) => close(event.target.closest("details.menu")));
  document.addEventListener("keydown", (event) => {
    const menu = event.key === "Escape" && document.querySelector("details.menu[open]");
    if (!menu) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });
})();
