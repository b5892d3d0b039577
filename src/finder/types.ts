export type { Curve, CurvePoint, StopReason } from "./curve.js";
export type { Suggestion } from "./suggestion.js";
export type { Trainer, Trial } from "./trainer.js";
