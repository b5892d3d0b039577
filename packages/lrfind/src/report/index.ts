export type { NamedReport, RecordedFinding, Reportable } from "./reportable.js";
export { type ReportOptions, toHtml } from "./to-html.js";
