import type { FigureData } from "../figure-data.js";
import { Chart } from "./chart.js";
import { Marker } from "./marker.js";
import { Reading } from "./reading.js";

/** Makes a figure answer to pointer and keys, and its list of suggesters with it. */
export function setUpFigure(figure: HTMLElement): void {
  const data = JSON.parse(figure.querySelector("script.data")!.textContent!) as FigureData;
  const charts = Array.from(figure.querySelectorAll<SVGSVGElement>("svg[data-panel]")).flatMap((root) => {
    const panel = data.panels[root.dataset["panel"]!];
    return panel === undefined ? [] : new Chart(root, panel);
  });
  const reading = new Reading(data.points, figure.querySelector(".reading")!);
  for (const chart of charts) chart.flag(data.remarks);
  if (data.points.length > 0) {
    for (const chart of charts) hoverOver(chart, reading);
    const first =
      data.marks.find(({ at }) => at !== null)?.at?.lr ?? data.points[data.points.length >> 1]![0];
    new Marker(charts, reading, first);
  }
  setUpSuggesters(figure.parentElement!, charts, data);
}

function hoverOver(chart: Chart, reading: Reading): void {
  const show = (index: number | undefined) => {
    const point = index === undefined ? undefined : reading.points[index];
    chart.hover(point);
    reading.show(point);
  };
  chart.root.addEventListener("pointermove", (event) => show(reading.nearest(chart.rateAt(event))));
  chart.root.addEventListener("pointerleave", () => show(undefined));
}

function setUpSuggesters(section: Element, charts: readonly Chart[], { marks }: FigureData): void {
  const buttons = Array.from(section.querySelectorAll<HTMLButtonElement>("button.how"));
  const explain = (button: HTMLButtonElement | undefined) => {
    for (const other of buttons) other.setAttribute("aria-pressed", String(other === button));
    const index = Number(button?.closest("li")?.dataset["mark"]);
    for (const chart of charts) chart.explain(marks[index]);
  };
  for (const button of buttons) {
    button.addEventListener("click", () =>
      explain(button.getAttribute("aria-pressed") === "true" ? undefined : button),
    );
  }
  explain(buttons[0]);
  for (const row of section.querySelectorAll<HTMLElement>("li[data-mark]")) {
    const index = Number(row.dataset["mark"]);
    // The pictures hold those that were found only.
    const k = marks.slice(0, index).filter(({ at }) => at !== null).length;
    row.querySelector("input")?.addEventListener("change", (event) => {
      for (const chart of charts) chart.toggle(k, (event.target as HTMLInputElement).checked);
    });
  }
}
