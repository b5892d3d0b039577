export type { ReportPart, ReportTable } from "./part.js";
export type { NamedReport, RecordedFinding, Reportable } from "./reportable.js";
export { partsToHtml, type ReportOptions, toHtml } from "./to-html.js";
