// For lrfind's own other packages: what users of this one have no need of.
export * from "./nn/internal.js";
export * from "./onnx/internal.js";
export * from "./runtime/internal.js";
