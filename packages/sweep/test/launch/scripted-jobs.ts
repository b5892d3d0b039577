import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { JobSpec, LaunchEvent, Launcher, QueuedJob } from "../../src/index.js";
import { hashOfJob, hashOfModule, VERSION } from "../../src/job/internal.js";

/** A folder of a sweep, with jobs that a script does. */
export class ScriptedJobs {
  readonly folder = mkdtempSync(join(tmpdir(), "jobs-"));
  readonly module = join(this.folder, "module.js");

  constructor() {
    mkdirSync(join(this.folder, "jobs"));
    mkdirSync(join(this.folder, "results"));
    writeFileSync(this.module, "export default () => {};");
  }

  /** Jobs, the `i`th with `{ i }` as its configuration and what else is given. */
  jobs(n: number, more: JobSpec["config"] = {}): QueuedJob[] {
    return Array.from({ length: n }, (_, i) => {
      const spec: JobSpec = {
        format: "lrfind-job",
        version: 1,
        lrfind: VERSION,
        module: "../module.js",
        moduleHash: hashOfModule(this.module),
        threads: 1,
        config: { i, ...more },
        task: { kind: "fit", schedule: "constant", lr: 0.1, epochs: 1, monitor: "validLoss" },
      };
      const hash = hashOfJob(spec);
      const path = join(this.folder, "jobs", `${hash}.json`);
      writeFileSync(path, JSON.stringify(spec));
      return { hash, path, out: join(this.folder, "results", `${hash}.json`) };
    });
  }

  /** The command of a job: a script to which `spec` is the job's spec, `write` writes a result with `i` as its value. */
  command(body: string): string[] {
    const path = join(this.folder, `script-${Math.random()}.mjs`);
    writeFileSync(
      path,
      `import { existsSync, readFileSync, writeFileSync, renameSync } from "node:fs";
       import { basename } from "node:path";
       import { setTimeout as sleep } from "node:timers/promises";
       process.on("disconnect", () => process.exit(1));
       process.channel?.unref();
       const [job, out] = process.argv.slice(2);
       const hash = basename(job, ".json");
       const spec = JSON.parse(readFileSync(job, "utf8"));
       const write = (more) => {
         const value = { kind: "fit", records: [], best: spec.config.i, last: spec.config.i, better: "smaller", steps: 1 };
         const made = { lrfind: "0", node: "v0", host: "h" };
         writeFileSync(out + ".part", JSON.stringify({ format: "lrfind-job-result", version: 1, hash, durationMs: 1, made, ...(more ?? { value }) }));
         renameSync(out + ".part", out);
       };
       const folder = ${JSON.stringify(this.folder)};
       ${body}`,
    );
    return [process.execPath, path];
  }
}

/** Runs jobs and gives what happened, until all have ended. */
export async function runJobs(
  launcher: Launcher,
  list: readonly QueuedJob[],
  onEvent: (event: LaunchEvent) => void = () => {},
  total = list.length,
): Promise<LaunchEvent[]> {
  await using _ = launcher;
  await launcher.submit(list);
  const seen: LaunchEvent[] = [];
  for await (const event of launcher.events()) {
    seen.push(event);
    onEvent(event);
    if (seen.filter(({ kind }) => kind === "ended").length === total) break;
  }
  return seen;
}

/** The values of jobs that ended, by their names. */
export function valuesOf(events: readonly LaunchEvent[]): Map<string, unknown> {
  return new Map(
    events.flatMap((event) =>
      event.kind === "ended"
        ? [
            [
              event.hash,
              event.result.failure?.message ?? (event.result.value as { best: number }).best,
            ] as const,
          ]
        : [],
    ),
  );
}
