/* Rolls the lists of the public screen page by page. Nothing moves on a telephone, where people scroll. */
(() => {
  "use strict";
  const SECONDS = 9;
  const list = document.querySelector(".wall-list"), button = document.querySelector("[data-pause]"), clock = document.querySelector("[data-clock]");
  let first = 0, news = 0, paused = false;
  const still = () => getComputedStyle(document.body).overflow !== "hidden";
  const rows = () => [...document.querySelectorAll("#wall-lines > tr")];

  function fitting() {
    const all = rows();
    for (const row of all) row.hidden = false;
    if (still() || !all.length) return all.length;
    const head = list.querySelector("thead").offsetHeight, height = all[0].offsetHeight || 1;
    return Math.max(1, Math.floor((list.clientHeight - head) / height));
  }
  function show(turn) {
    const all = rows(), count = fitting();
    if (first >= all.length) first = 0;
    all.forEach((row, place) => {
      row.hidden = place < first || place >= first + count;
      row.classList.toggle("turned", turn && !row.hidden);
    });
    list.dataset.shown = `${first}-${first + count}`;
    const items = [...document.querySelectorAll("[data-news]")];
    items.forEach((item, place) => { item.hidden = !still() && place !== news % items.length; });
  }
  function roll() {
    if (paused || still()) return;
    const all = rows(), count = fitting();
    first = first + count >= all.length ? 0 : first + count;
    news += 1;
    show(true);
  }
  function tick() {
    const options = { timeZone: clock.dataset.zone, dateStyle: "full", timeStyle: "short" };
    clock.textContent = new Intl.DateTimeFormat(clock.dataset.language, options).format(new Date());
  }
  button.hidden = false;
  const label = button.textContent;
  button.addEventListener("click", () => { paused = !paused; button.textContent = paused ? button.dataset.paused : label; });
  document.addEventListener("xn-live", (event) => { if (event.target.id === "wall-lines") { first = paused ? first : 0; show(false); } });
  addEventListener("resize", () => show(false));
  tick(); setInterval(tick, 1000);
  show(false); setInterval(roll, SECONDS * 1000);
})();
