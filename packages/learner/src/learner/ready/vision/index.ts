export type { HeadOptions } from "./create-head.js";
export { createHead } from "./create-head.js";
export type { VisionArch, VisionLearnerOptions, VisionModel } from "./vision-learner.js";
export { visionLearner } from "./vision-learner.js";
