/* Draws the charts of the cockpit, and changes them when the page's figures change. */
const own = document.querySelector("script[data-library]");
const library = own ? import(own.dataset.library) : Promise.reject(new Error("no library"));
const drawn = new Map();

function draw(echarts, place) {
  const data = document.querySelector(`script[data-option="${place.dataset.chart}"]`);
  if (!data) { place.hidden = true; return; }
  const option = JSON.parse(data.textContent);
  place.hidden = false;
  option.textStyle.fontFamily = getComputedStyle(document.body).fontFamily;
  if (matchMedia("(prefers-reduced-motion: reduce)").matches) option.animation = false;
  let chart = drawn.get(place);
  if (!chart) {
    chart = echarts.init(place, null, { renderer: "canvas" });
    drawn.set(place, chart);
    new ResizeObserver(() => chart.resize()).observe(place);
  }
  chart.setOption(option, { notMerge: (chart.getOption()?.series?.length ?? 0) !== option.series.length });
}

library.then((echarts) => {
  const places = [...document.querySelectorAll("[data-chart]")];
  const next = () => { const place = places.shift(); if (place) { draw(echarts, place); requestAnimationFrame(next); } else document.body.dataset.charts = "drawn"; };
  next();
  document.addEventListener("xn-live", (event) => {
    const place = document.querySelector(`[data-chart="${event.target.querySelector?.("script[data-option]")?.dataset.option}"]`);
    if (place) draw(echarts, place);
  });
}).catch(() => { for (const each of document.querySelectorAll("details.figures")) each.open = true; });

const closed = [];
addEventListener("beforeprint", () => { for (const each of document.querySelectorAll("details.figures:not([open])")) { each.open = true; closed.push(each); } });
addEventListener("afterprint", () => { for (const each of closed.splice(0)) each.open = false; });
