export type { ExportedModel, ExportModelOptions } from "./export-model.js";
export { exportModel } from "./export-model.js";
export type { GroupSplitter } from "./groups.js";
export { ImportedModel } from "./imported-model.js";
export type { LoadModelOptions } from "./load-model.js";
export { loadModel } from "./load-model.js";
