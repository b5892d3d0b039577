import type { EpochRecord } from "./fit/epoch-record.js";
import { epochTable } from "./fit/epoch-table.js";
import { CHART_ROWS, CHART_SIZE, lossesChart } from "./fit/losses-chart.js";
import type { Recorder } from "./fit/recorder.js";

/**
 * Records that show themselves in a notebook: the epochs as a table, as fastai shows them, and the losses under it. What draws
 * is loaded when a notebook asks.
 *
 * @param records - What a fit gives.
 * @param recorder - Of the fit.
 */
export function displayedFit(records: EpochRecord[], recorder: Recorder): EpochRecord[] {
  return Object.defineProperty(records, Symbol.for("Jupyter.display"), {
    configurable: true,
    enumerable: false,
    value: async () => {
      const { drawLineChart, element, escaped, svgDocument, textChart, textRows } = await import(
        "lrfind/draw"
      );
      const chart = lossesChart(recorder);
      const svg = svgDocument(CHART_SIZE, drawLineChart(chart, CHART_SIZE, "losses"));
      const { columns, rows } = epochTable(records);
      const line = (cells: readonly string[], name: "th" | "td") =>
        element("tr", {}, ...cells.map((cell) => element(name, {}, escaped(cell))));
      const table = element(
        "table",
        {},
        element("thead", {}, line(columns, "th")),
        element("tbody", {}, ...rows.map((cells) => line(cells, "td"))),
      );
      return {
        "text/html": `${table}${svg}`,
        "image/svg+xml": svg,
        "text/plain": `${textRows([columns, ...rows], 80).join("\n")}\n\n${textChart(chart, { columns: 80, rows: CHART_ROWS })}`,
      };
    },
  });
}
