// For lrfind's own other rooms: what users of this one have no need of.

export { epochTable } from "./fit/epoch-table.js";
export { CHART_ROWS, CHART_SIZE, lossesChart, numbered } from "./fit/losses-chart.js";
