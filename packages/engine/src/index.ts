export * from "./nn/index.js";
export * from "./onnx/index.js";
export * from "./random/index.js";
export * from "./runtime/index.js";
