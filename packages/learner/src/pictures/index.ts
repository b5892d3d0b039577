export { type FitReportOptions, fitToHtml } from "./fit-report.js";
export type { ShowOptions } from "./items/show-options.js";
export type { Picture, PictureTerminalOptions } from "./picture.js";
export { plotConfusionMatrix } from "./plot-confusion-matrix.js";
export { plotLoss, plotSched } from "./plot-loss.js";
export { type ShowBatchOptions, showBatch } from "./show-batch.js";
export { plotTopLosses, showResults } from "./show-results.js";
