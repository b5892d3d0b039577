import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { type LaunchEvent, type QueuedJob, type SlurmOptions, slurmLauncher } from "../../src/index.js";
import { runJobs, ScriptedJobs, valuesOf } from "./scripted-jobs.js";
import { hasSlurm, SlurmCluster } from "./slurm-cluster.js";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

const HAS_SLURM = hasSlurm();

let cluster: SlurmCluster;
beforeAll(async () => {
  if (HAS_SLURM) cluster = await SlurmCluster.start();
});
afterAll(async () => await cluster?.[Symbol.asyncDispose]());

const launcherOf = (jobs: ScriptedJobs, body: string, more: SlurmOptions = {}) =>
  slurmLauncher({ pollMs: 300, command: jobs.command(body), ...more });

const sorted = (events: readonly LaunchEvent[]) =>
  [...valuesOf(events).values()].sort((a, b) => Number(a) - Number(b));
const all = (n: number) => Array.from({ length: n }, (_, i) => i);

test("without Slurm's commands: one clear line", async () => {
  const path = process.env["PATH"];
  process.env["PATH"] = "/nowhere";
  try {
    await expect(slurmLauncher()).rejects.toThrow(
      "slurm: expected the command scontrol, got none; try the login node of a cluster, or no --slurm",
    );
  } finally {
    process.env["PATH"] = path;
  }
});

describe.skipIf(!HAS_SLURM)("a cluster with Slurm", () => {
  test("an array does all jobs, no more at a time than it may", async () => {
    const jobs = new ScriptedJobs();
    const body = `
      const others = (await import("node:fs")).readdirSync(folder).filter((name) => name.startsWith("running-"));
      if (others.length > 0) { console.error("two at a time"); process.exit(1); }
      writeFileSync(folder + "/running-" + hash, ""); await sleep(100);
      (await import("node:fs")).rmSync(folder + "/running-" + hash); write();`;
    const events = await runJobs(await launcherOf(jobs, body, { workers: 1 }), jobs.jobs(4));
    expect(sorted(events)).toEqual(all(4));
  });

  test("what is killed or cancelled is begun again; what fails is a result with what it printed", async () => {
    const jobs = new ScriptedJobs();
    const body = `
      const mark = folder + "/mark-" + spec.config.i;
      const isFirst = !existsSync(mark);
      writeFileSync(mark, "");
      if (spec.config.i === 0 && isFirst) process.kill(process.pid, "SIGKILL");
      if (spec.config.i === 1 && isFirst) { (await import("node:child_process")).spawnSync("scancel", [process.env.SLURM_ARRAY_JOB_ID + "_" + process.env.SLURM_ARRAY_TASK_ID]); await sleep(60_000); }
      if (spec.config.i === 2) { console.error("why it failed"); process.exit(3); }
      write();`;
    const events = await runJobs(await launcherOf(jobs, body), jobs.jobs(4));
    const values = [...valuesOf(events).values()];
    expect(new Set(values)).toEqual(
      new Set([0, 1, 3, "the process ended with exit code 3 and without a result"]),
    );
    const retried = events.flatMap((event) => (event.kind === "retried" ? [event.why] : []));
    expect(retried.sort()).toEqual(["Slurm: CANCELLED by signal 15", "Slurm: FAILED by signal 9"]);
    const failure = events.flatMap((event) =>
      event.kind === "ended" ? (event.result.failure ?? []) : [],
    )[0]!;
    expect(failure.tail).toContain("why it failed");
  });

  test("a driver that is killed: the next one finds its jobs in the queue", async () => {
    const jobs = new ScriptedJobs();
    const list = jobs.jobs(4);
    const body = 'writeFileSync(folder + "/" + hash, "", { flag: "wx" }); await sleep(1500); write();';
    const first = await launcherOf(jobs, body);
    await first.submit(list);
    // It ends without a word. Begun again a job would fail, as its mark is there.
    const events = await runJobs(await launcherOf(jobs, body), list);
    expect(sorted(events)).toEqual(all(4));
    expect(readdirSync(join(jobs.folder, "slurm")).filter((name) => name.endsWith(".json")).length).toBe(1);
    await first.cancel();
  });

  test("cancel takes all out of the queue", async () => {
    const jobs = new ScriptedJobs();
    const launcher = await launcherOf(jobs, "await sleep(60_000);");
    await launcher.submit(jobs.jobs(4));
    await launcher.cancel();
    const { stdout } = spawnSync("squeue", ["-h", "-t", "PENDING,RUNNING"], { encoding: "utf8" });
    expect(stdout).toBe("");
  });

  test("what sbatch refuses is one clear line", async () => {
    const jobs = new ScriptedJobs();
    const launcher = await launcherOf(jobs, "write();", { args: ["--partition=nope"] });
    await expect(runJobs(launcher, jobs.jobs(1))).rejects.toThrow(
      /^slurm: expected sbatch to take a job array, got sbatch: .*Invalid partition name specified; try --slurm-arg/,
    );
  });

  test("names with spaces and quotes", async () => {
    const jobs = new ScriptedJobs();
    const odd = join(jobs.folder, "it's a folder");
    spawnSync("mkdir", ["-p", join(odd, "jobs"), join(odd, "results")]);
    const moved = jobs.jobs(2).map(({ hash, path }) => {
      const there = join(odd, "jobs", `${hash}.json`);
      writeFileSync(there, readFileSync(path));
      return { hash, path: there, out: join(odd, "results", `${hash}.json`) };
    });
    expect(sorted(await runJobs(await launcherOf(jobs, "write();"), moved))).toEqual(all(2));
  });
});

/** Slurm's commands as their manual pages describe what they print, for what takes a real one minutes. */
class StandIn implements Disposable {
  readonly folder = mkdtempSync(join(tmpdir(), "stand-in-"));
  readonly #path = process.env["PATH"]!;

  constructor(commands: Readonly<Record<string, string>> = {}) {
    const scripts = {
      scontrol: 'echo "MaxArraySize            = 1001"',
      sbatch: "echo 7",
      squeue: 'cat "$(dirname "$0")/tasks"',
      scancel: "true",
      sacct: "echo Slurm accounting storage is disabled >&2; exit 1",
      ...commands,
    };
    for (const [name, script] of Object.entries(scripts)) {
      writeFileSync(join(this.folder, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    }
    this.tasks("7 0 PENDING 0 Resources");
    process.env["PATH"] = `${this.folder}:${this.#path}`;
  }

  tasks(...lines: readonly string[]): void {
    writeFileSync(join(this.folder, "tasks"), `${lines.join("\n")}\n`);
  }

  [Symbol.dispose](): void {
    process.env["PATH"] = this.#path;
  }
}

/** Writes what a job of `ScriptedJobs` that was done would have written. */
function finish({ hash, out }: QueuedJob): void {
  const value = { kind: "fit", records: [], best: 0, last: 0, better: "smaller", steps: 1 };
  const made = { lrfind: "0", node: "v0", host: "h" };
  writeFileSync(
    out,
    JSON.stringify({ format: "lrfind-job-result", version: 1, hash, durationMs: 1, made, value }),
  );
}

describe("stand-ins of Slurm's commands", () => {
  const begin = (more: SlurmOptions = {}) => slurmLauncher({ pollMs: 100, command: ["true"], ...more });

  test("a task that Slurm puts back into its queue is followed", async () => {
    using slurm = new StandIn();
    const list = new ScriptedJobs().jobs(1);
    slurm.tasks("7 0 RUNNING 0 None");
    const events = await runJobs(await begin(), list, ({ kind }) => {
      if (kind === "started") slurm.tasks("7 0 PENDING 0 BeginTime");
      if (kind === "retried") finish(list[0]!);
    });
    expect(events.map(({ kind }) => kind)).toEqual(["started", "retried", "ended"]);
  });

  test.each([
    ["TIMEOUT", "0", /^Slurm ended it: TIMEOUT; --slurm-arg=--time=… or/],
    ["OUT_OF_MEMORY", "0", /^Slurm ended it: OUT_OF_MEMORY/],
    ["NODE_FAIL", "0", /^Slurm: NODE_FAIL, 2 times$/],
    ["FAILED", "256", /^the process ended with exit code 1 and without a result$/],
  ])("%s", async (state, code, message) => {
    using slurm = new StandIn();
    slurm.tasks(`7 0 ${state} ${code} None`);
    const events = await runJobs(await begin({ retries: 1 }), new ScriptedJobs().jobs(1));
    expect([...valuesOf(events).values()][0]).toMatch(message);
  });

  test("a job that has no room for its result ends the sweep, in one line", async () => {
    using slurm = new StandIn();
    slurm.tasks(`7 0 FAILED ${75 * 256} None`);
    await expect(runJobs(await begin(), new ScriptedJobs().jobs(1))).rejects.toThrow(
      /expected room for a job's result/,
    );
  });

  test("a limit on queued jobs: fewer at a time, and the rest when there is room", async () => {
    // Two tasks at most, until those are over.
    const sbatch = `
      here="$(dirname "$0")"; for arg; do case "$arg" in --array=0-0|--array=0-1) few=1;; esac; done
      if [ -z "$few" ] || { [ -e "$here/sent" ] && [ ! -e "$here/room" ]; }; then
        echo "sbatch: error: AssocMaxSubmitJobLimit" >&2
        echo "sbatch: error: Batch job submission failed: Job violates accounting/QOS policy (job submit limit, user's size and/or time limits)" >&2
        exit 1
      fi
      if [ -e "$here/sent" ]; then echo 8; else touch "$here/sent"; echo 7; fi`;
    using slurm = new StandIn({ sbatch });
    const list = new ScriptedJobs().jobs(3);
    const told: string[] = [];
    const events = await runJobs(await begin(), list, (event) => {
      if (event.kind !== "waiting" || told.length > 0) return;
      told.push(event.why);
      writeFileSync(join(slurm.folder, "room"), "");
      for (const job of list) finish(job);
    });
    expect(told[0]).toMatch(/Job violates accounting\/QOS policy/);
    expect(events.filter(({ kind }) => kind === "ended").length).toBe(3);
  });

  test("a controller that does not answer is waited for", async () => {
    const squeue =
      'here="$(dirname "$0")"; if [ ! -e "$here/back" ]; then echo "slurm_load_jobs error: Unable to contact slurm controller (connect failure)" >&2; exit 1; fi; cat "$here/tasks"';
    using slurm = new StandIn({ squeue });
    const list = new ScriptedJobs().jobs(1);
    const events = await runJobs(await begin(), list, ({ kind }) => {
      if (kind !== "waiting") return;
      finish(list[0]!);
      writeFileSync(join(slurm.folder, "back"), "");
    });
    expect(events.map(({ kind }) => kind)).toEqual(["waiting", "ended"]);
  });
});
