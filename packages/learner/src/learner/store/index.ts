export type { Checkpoint, CheckpointContext, RestoreOptions } from "./checkpoint.js";
export { checkpointOf, stateOf } from "./checkpoint.js";
export { loadState, saveState } from "./files.js";
export type { TensorFile } from "./safetensors.js";
export { decodeSafetensors, encodeSafetensors } from "./safetensors.js";
export { VERSION } from "./version.js";
export { checkWritable, writeAtomically } from "./write.js";
