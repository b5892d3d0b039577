import { join } from "node:path";

/** The command of a job, by its sources: tests need no build. */
export const JOB_COMMAND: readonly string[] = [
  process.execPath,
  "--import",
  "tsx",
  join(import.meta.dirname, "../src/job/main.ts"),
];

/** The module that makes the toy learner. */
export const TOY = join(import.meta.dirname, "toy-model.ts");
