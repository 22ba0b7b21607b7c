// Draws <figure data-chart="id of a table" hidden> from that table, which stays on the page
// for those who do not see the picture: a row is <tr data-sales data-earned> in minor units,
// its first cell the day. Colours come from the legend's dots, so light and dark follow.
(() => {
  "use strict";
  // The rest of the page writes 17 Nov; a bare "en" would write Nov 17.
  const locale = { en: "en-GB" }[document.documentElement.lang] ?? document.documentElement.lang;
  const colour = (name) => getComputedStyle(document.querySelector(`.dot-${name}`)).backgroundColor;
  const ink = (figure) => getComputedStyle(figure).color;

  const read = (table) => {
    const short = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short", timeZone: "UTC" });
    const rows = [...table.tBodies[0].rows];
    return {
      days: rows.map((row) => short.format(new Date(row.dataset.day))),
      sales: rows.map((row) => Number(row.dataset.sales)),
      earned: rows.map((row) => Number(row.dataset.earned)),
    };
  };
  const words = (currency) => {
    const exact = new Intl.NumberFormat(locale, { style: "currency", currency });
    const digits = exact.resolvedOptions().maximumFractionDigits;
    const round = new Intl.NumberFormat(locale, { style: "currency", currency, maximumFractionDigits: 0 });
    return { exact: (cents) => exact.format(cents / 10 ** digits), round: (cents) => round.format(cents / 10 ** digits), unit: 10 ** digits };
  };
  // The highest label of the lower panel would touch the lowest of the upper one.
  const axis = (money, grid, drop) => ({
    beginAtZero: true, border: { display: false }, grid: { color: grid }, stack: "panels", suggestedMax: money.unit,
    ticks: { maxTicksLimit: 4, callback: (cents, at, all) => (drop && at === all.length - 1 ? "" : money.round(cents)) },
    afterFit: (scale) => { scale.width = 56; },
  });
  const draw = (figure) => {
    const table = document.getElementById(figure.dataset.chart);
    const data = read(table);
    const money = words(table.dataset.currency);
    const soft = getComputedStyle(document.querySelector(".key dt")).color;
    const grid = getComputedStyle(document.querySelector(".sheet")).borderTopColor;
    Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
    Chart.defaults.color = soft;
    const label = (name) => table.tHead.rows[0].querySelector(`[data-series="${name}"]`).textContent;
    const bars = (name) => ({ label: label(name), data: data[name], yAxisID: name, grouped: false, backgroundColor: colour(name), borderRadius: 3, maxBarThickness: 16 });
    return new Chart(figure.querySelector("canvas"), {
      type: "bar",
      data: { labels: data.days, datasets: [bars("sales"), bars("earned")] },
      options: {
        responsive: true, maintainAspectRatio: false, animation: false, interaction: { mode: "index", intersect: false },
        plugins: {
          legend: { display: false },
          tooltip: { callbacks: { label: (item) => ` ${item.dataset.label} : ${money.exact(item.raw)}` } },
        },
        scales: {
          x: { grid: { display: false }, border: { color: grid }, ticks: { maxRotation: 0, autoSkipPadding: 18 } },
          // Two panels, one above the other: sales and commissions differ tenfold, and two
          // scales on one panel would compare what cannot be compared.
          sales: { ...axis(money, grid, false), weight: 2 },
          earned: { ...axis(money, grid, true), weight: 1 },
        },
      },
    });
  };
  const figures = [...document.querySelectorAll("[data-chart]")];
  figures.forEach((figure) => { figure.hidden = false; });
  let charts = figures.map(draw);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    charts.forEach((chart) => chart.destroy());
    charts = figures.map(draw);
  });
})();
