// Select2 gives its boxes no name: say the label of the field they stand for, whenever
// a box appears (rows are added to groups later).
(() => {
  "use strict";
  const labelOf = (field) => field && field.labels && field.labels[0];
  const name = (box) => {
    const container = box.closest(".select2-container");
    const label = labelOf(container.previousElementSibling);
    if (!label || box.dataset.named) return;
    box.dataset.named = "yes";
    label.id ||= `${container.previousElementSibling.id}_label`;
    const shown = box.querySelector(".select2-selection__rendered");
    if (shown) shown.setAttribute("aria-labelledby", label.id);
    box.setAttribute("aria-labelledby", `${label.id} ${shown ? shown.id : ""}`.trim());
  };
  const nameAll = () => document.querySelectorAll(".select2-selection[role=combobox]").forEach(name);
  document.addEventListener("DOMContentLoaded", () => {
    nameAll();
    new MutationObserver(nameAll).observe(document.body, { childList: true, subtree: true });
    const $ = window.django && window.django.jQuery;
    if (!$) return;
    $(document).on("select2:open", (event) => {
      const label = labelOf(event.target);
      const search = document.querySelector(".select2-container--open .select2-search__field");
      if (label && search) search.setAttribute("aria-label", label.textContent.trim());
    });
  });
})();
