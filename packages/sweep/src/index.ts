export * from "./drive/index.js";
export * from "./job/index.js";
export * from "./journal/index.js";
export * from "./launch/index.js";
export * from "./lock/index.js";
export * from "./logs/index.js";
export * from "./plan/index.js";
export * from "./report/index.js";
