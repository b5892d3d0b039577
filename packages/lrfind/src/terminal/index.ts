export { endQuietly } from "./closed-pipe.js";
export type { Progress } from "./progress.js";
export { progress, showPoints } from "./progress.js";
export type { ProgressCallbackOptions } from "./progress-callback.js";
export { progressCallback } from "./progress-callback.js";
export { saveResult } from "./save-result.js";
export type { SuggestionTableOptions } from "./suggestion-table.js";
export { suggestionTable } from "./suggestion-table.js";
export type { TextStream } from "./text-stream.js";
