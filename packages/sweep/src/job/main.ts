#!/usr/bin/env node
import { FileError, LrfindError } from "lrfind/core";
import { runJob } from "./run-job.js";
import { UNWRITTEN } from "./unwritten.js";

/** `lrfind-job JOB RESULT`: the process of one job. It exits with 0 once a result is written, of a failure too. */
const [path, out] = process.argv.slice(2);
// Whoever began it is gone: nobody waits for the result, and another will begin it again.
process.on("disconnect", () => process.exit(1));
process.channel?.unref();
if (path === undefined || out === undefined) {
  process.stderr.write(
    "lrfind-job: expected a job's file and a result's, as in `lrfind-job job.json result.json`\n",
  );
  process.exitCode = 2;
} else {
  try {
    await runJob(path, out);
  } catch (error) {
    if (!(error instanceof LrfindError)) throw error;
    process.stderr.write(`lrfind-job: ${error.message}\n`);
    process.exitCode = error instanceof FileError ? UNWRITTEN : 2;
  }
}
