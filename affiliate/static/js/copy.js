// Copy buttons: <button data-copy="text" data-copied="Copied" hidden>. Hidden until a
// script can serve them, so that a page without scripts shows no dead button.
(() => {
  "use strict";
  const write = async (text) => {
    if (navigator.clipboard && window.isSecureContext) return navigator.clipboard.writeText(text);
    const area = Object.assign(document.createElement("textarea"), { value: text, readOnly: true });
    area.className = "visually-hidden";
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    if (!done) throw new Error("copying is not allowed here");
  };
  const tell = (button) => {
    const words = button.querySelector("[data-words]");
    const before = words.textContent;
    if (before === button.dataset.copied) return;
    words.textContent = button.dataset.copied;
    document.getElementById("live").textContent = button.dataset.copied;
    setTimeout(() => {
      words.textContent = before;
      document.getElementById("live").textContent = "";
    }, 2000);
  };
  const show = (root) => root.querySelectorAll("[data-copy][hidden]").forEach((b) => (b.hidden = false));
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-copy]");
    if (button) write(button.dataset.copy).then(() => tell(button), () => window.getSelection().selectAllChildren(
      document.getElementById(button.dataset.copyFrom)));
  });
  document.addEventListener("htmx:load", (event) => show(event.target));
  show(document);
})();
