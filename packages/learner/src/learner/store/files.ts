import type { FileSource } from "../../data/index.js";
import { nameOf, readSource } from "../../data/internal.js";
import { LearnerError } from "../errors.js";
import type { TrainState } from "../state.js";
import type { Checkpoint, CheckpointContext, RestoreOptions } from "./checkpoint.js";
import { checkpointOf, checkRestoreOptions, stateOf } from "./checkpoint.js";
import { decodeSafetensors, encodeSafetensors } from "./safetensors.js";
import { writeAtomically } from "./write.js";

/** Writes a state to a file, atomically. @throws What the disk throws; the old file is then as it was. */
export async function saveState(
  path: string | URL,
  state: TrainState,
  context: Omit<CheckpointContext, "model">,
): Promise<void> {
  await writeAtomically(path, encodeSafetensors(checkpointOf(state, context)));
}

/** Reads a checkpoint from a file. @throws {LearnerError} when the file does not fit; the error names the file. */
export async function loadState(
  source: FileSource,
  context: Omit<Parameters<typeof stateOf>[1], "where">,
  options: RestoreOptions,
): Promise<Checkpoint> {
  checkRestoreOptions("load", options);
  const where = `load "${nameOf(source, "checkpoint")}"`;
  const bytes = await readSource(source, { name: where, error: LearnerError });
  return stateOf(decodeSafetensors(bytes, where), { ...context, where }, options);
}
