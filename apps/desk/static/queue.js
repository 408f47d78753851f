/* 1, 2 and 3 dispatch the case of the focused row to that suggestion. */
addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || !/^[1-3]$/.test(event.key)) return;
  if (document.querySelector("dialog[open]") || localStorage.getItem("xn-keys") === "off") return;
  if (event.target.closest("select, textarea, input:not([type=checkbox])")) return;
  const button = document.activeElement?.closest("[data-row]")?.querySelector(`[data-nth="${event.key}"]`);
  if (button) { event.preventDefault(); button.click(); }
});
