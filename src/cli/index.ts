export type { Progress } from "./progress.js";
export { progress, showPoints } from "./progress.js";
export { saveResult } from "./save-result.js";
export { suggestionTable } from "./suggestion-table.js";
