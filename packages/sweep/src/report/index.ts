export { type SweepReportOptions, sweepToHtml } from "./sweep-to-html.js";
