// Draws each <figure data-chart> from the JSON that stands in it. The figure's sentence and table are already
// in the page and say the same: where this script does not run, nothing is missing but the picture.
import Plotly from "./plotly.js";

const NARROW = window.matchMedia("(max-width: 30em)"); // 480 px: phones
const CONFIG = {
  displaylogo: false,
  displayModeBar: false, // the buttons under the chart can be reached by keyboard and are large enough for a thumb
  showSendToCloud: false,
  plotlyServerURL: "",
  topojsonURL: "",
  responsive: true,
  scrollZoom: false,
  doubleClick: false,
};

function chosen(chart) {
  return NARROW.matches && chart.narrow ? chart.narrow : chart.wide;
}

async function draw(picture, chart) {
  // Plotly writes into what it is given, so each drawing gets its own copy.
  const { data, layout } = structuredClone(chosen(chart));
  picture.style.height = `${layout.height}px`; // room stays reserved while it redraws
  await Plotly.react(picture, data, layout, CONFIG);
}

async function download(picture, figure, format) {
  const { width, height } = picture.getBoundingClientRect();
  const scale = format === "png" ? 2 : 1;
  await Plotly.downloadImage(picture, { format, width, height, scale, filename: figure.id });
}

async function begin(figure) {
  const picture = figure.querySelector("[data-chart-picture]");
  const buttons = figure.querySelector("[data-chart-buttons]");
  const table = figure.querySelector("[data-chart-table]");
  try {
    const chart = JSON.parse(figure.querySelector('script[type="application/json"]').textContent);
    picture.hidden = false;
    await draw(picture, chart);
    NARROW.addEventListener("change", () => draw(picture, chart));
  } catch (fault) {
    // The picture is an addition: without it the reader has the table.
    picture.hidden = true;
    figure.dataset.chart = "failed";
    console.error(fault);
    return;
  }
  if (table) table.open = table.dataset.chartTable === "open";
  buttons.hidden = false;
  for (const button of buttons.querySelectorAll("[data-format]")) {
    button.addEventListener("click", () => download(picture, figure, button.dataset.format));
  }
  figure.dataset.chart = "drawn";
}

for (const figure of document.querySelectorAll("figure[data-chart]")) begin(figure);
