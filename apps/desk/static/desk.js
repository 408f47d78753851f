/* What the desk's pages gain by script: selecting rows, reply templates, long lists that can be filtered. */
(() => {
  "use strict";
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const english = document.documentElement.lang === "en";

  /* Rows: x selects the row in focus; the button of the bulk action is usable once a row is selected. */
  const bulk = document.querySelector("[data-bulk]");
  const counted = () => { if (bulk) bulk.disabled = !all('input[name="case"]:checked').length; };
  addEventListener("change", counted);
  addEventListener("xn-live", counted);
  addEventListener("keydown", (event) => {
    if (event.key !== "x" || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    const box = document.activeElement?.closest?.("[data-row]")?.querySelector('input[name="case"]');
    if (!box || event.target.matches("input:not([type=checkbox]), textarea, select")) return;
    box.checked = !box.checked;
    counted();
    event.preventDefault();
  });
  counted();

  /* A template is added to what is typed already. */
  for (const link of all("a[data-insert]")) link.addEventListener("click", (event) => {
    const area = document.getElementById(link.dataset.insert);
    if (!area) return;
    event.preventDefault();
    const before = area.value.trim();
    area.value = before ? `${before}\n\n${link.dataset.text}` : link.dataset.text;
    area.dispatchEvent(new Event("input", { bubbles: true }));
    link.closest("details").open = false;
    area.focus();
    const blank = area.value.indexOf("【");
    if (blank >= 0) area.setSelectionRange(blank, area.value.indexOf("】", blank) + 1);
  });

  /* Long lists of choices get a field that filters them. */
  const label = english ? "Filter the list" : "输入文字筛选";
  function filtered(choices, before, show) {
    const field = document.createElement("input");
    field.type = "search";
    field.className = "filter-choices";
    field.placeholder = label;
    field.setAttribute("aria-label", label);
    field.addEventListener("input", (event) => {
      event.stopPropagation();
      const wanted = field.value.trim().toLowerCase();
      for (const choice of choices) show(choice, !wanted || choice.textContent.toLowerCase().includes(wanted));
    });
    before.before(field);
  }
  for (const select of all("form select")) if (select.options.length > 12) {
    filtered([...select.options], select, (option, shown) => { option.hidden = !shown && !option.selected; });
  }
  for (const set of all("fieldset .options")) {
    const choices = all("label", set);
    if (choices.length > 12) filtered(choices, set, (choice, shown) => { choice.hidden = !shown && !choice.querySelector("input").checked; });
  }

  /* The form of an action begins at its first field, or at its button where it has none. */
  const form = document.querySelector("form[data-action]");
  if (form && !document.querySelector("[data-focus]")) {
    (document.querySelector("#changes") ? form.querySelector("button:not([type=button])") : form.querySelector("input:not([type=hidden]):not(.filter-choices), select, textarea, button:not([type=button])"))?.focus();
  }
})();
