export * from "@lrfind/engine/nn";
export * from "./data/index.js";
export * from "./learner/index.js";
