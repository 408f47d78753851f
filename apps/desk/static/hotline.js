/* Asks for the questions of the category that was chosen. Without it, the form comes back with them. */
(() => {
  "use strict";
  const input = document.querySelector("[data-questions]");
  const place = input && document.getElementById(input.dataset.questions);
  if (!place) return;
  let last = place.childElementCount ? input.value : "";
  async function load() {
    const wanted = input.value.trim();
    if (wanted === last) return;
    last = wanted;
    const response = await fetch(`/hotline/questions?category=${encodeURIComponent(wanted)}`, { headers: { "X-Requested-With": "xn-live" } });
    if (!response.ok || wanted !== input.value.trim()) return;
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    place.replaceChildren(...page.body.childNodes);
  }
  input.addEventListener("change", load);
  input.form.addEventListener("xn-restored", load);
})();
