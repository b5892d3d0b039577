// For lrfind's own other rooms: what users of this one have no need of.
export {
  depth,
  dropProbability,
  gradientTransform,
  layer,
  lossFunc,
  metric,
  model,
  optimizer,
  size,
} from "./checks.js";
export { packIndices } from "./layers/pack-padded.js";
export { classOutputs } from "./metrics/index.js";
export { isMeantAsSlot, readSlot, type StepSlot, slotName, slotOf } from "./step/slots.js";
