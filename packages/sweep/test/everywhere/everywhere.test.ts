import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { RandomSequence } from "@lrfind/engine";
import { beforeAll, expect, test, vi } from "vitest";
import { programs } from "../../../../test/support/requirements.js";
import { localLauncher, redisLauncher, redisWorker, runSweep, slurmLauncher } from "../../src/index.js";
import { Journal } from "../../src/journal/internal.js";
import { bundled, JOB_COMMAND } from "../job-command.js";
import { RedisServer } from "../launch/redis-server.js";
import { hasSlurm, SlurmCluster } from "../launch/slurm-cluster.js";
import { type Clean, cleanSweep, JOBS, SPEC, sameOn, valuesIn } from "./same.js";
import { SmallDisk } from "./small-disk.js";

// Forty trainings each, in processes of their own, on a machine that does other things too.
vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 });

const HAS_REDIS = programs("Redis", ["redis-server"], "redis-server") !== undefined;

let clean: Clean;
beforeAll(async () => {
  clean = await cleanSweep();
});

test("two workers on this machine", async () => {
  await sameOn(clean, localLauncher({ workers: 2, command: JOB_COMMAND }));
});

test.skipIf(!HAS_REDIS)("three workers at a queue on Redis", async () => {
  await using server = await RedisServer.start();
  const { url } = server;
  const join = () => redisWorker({ url, workers: 1, command: JOB_COMMAND });
  await using _ = await join();
  await using __ = await join();
  await using ___ = await join();
  await sameOn(clean, await redisLauncher({ url }));
});

test.skipIf(!hasSlurm())("Slurm", async () => {
  await using _ = await SlurmCluster.start();
  await sameOn(clean, await slurmLauncher({ pollMs: 300, command: JOB_COMMAND }));
});

/** Processes that a test begins and kills. */
class Processes implements AsyncDisposable {
  readonly #running = new Set<ChildProcess>();

  begin(path: string, argument: object): { readonly child: ChildProcess; readonly end: Promise<Ended> } {
    const child = spawn(process.execPath, [path, JSON.stringify(argument)], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    this.#running.add(child);
    let stderr = "";
    child.stderr!.on("data", (part: Buffer) => {
      stderr += part.toString();
    });
    const end = once(child, "close").then(([code]) => {
      this.#running.delete(child);
      return { code: code as number | null, stderr };
    });
    return { child, end };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.#running) child.kill("SIGKILL");
  }
}

interface Ended {
  readonly code: number | null;
  readonly stderr: string;
}

test.skipIf(!HAS_REDIS)(
  "workers killed 20 times, Redis begun anew twice, a full disk, a driver killed: nothing lost, nothing counted twice",
  async () => {
    using disk = SmallDisk.mount();
    if (disk === undefined) return; // It was said, and in CI it is an error.
    await using server = await RedisServer.start();
    await using processes = new Processes();
    const driver = bundled(join(import.meta.dirname, "driver.ts"), "driver.mjs");
    const worker = bundled(join(import.meta.dirname, "worker.ts"), "worker.mjs");
    const folder = join(disk.folder, "sweep");
    const random = new RandomSequence({ seed: 13, stream: "chaos" });
    const { url } = server;
    const queue = "chaos";
    const drive = () => processes.begin(driver, { spec: SPEC, folder, url, queue });
    const work = () =>
      processes.begin(worker, { url, queue, workers: 1, retries: 1000, lockMs: 1000, command: JOB_COMMAND });

    const faults = ["redis", "redis", "disk", "driver", ...Array.from({ length: 20 }, () => "worker")];
    for (let i = faults.length - 1; i > 0; i--) {
      const j = random.int(i + 1);
      [faults[i], faults[j]] = [faults[j]!, faults[i]!];
    }
    const workers = [work(), work(), work()];
    let driving = drive();
    const ended = () =>
      new Journal(join(folder, "journal.jsonl")).read().filter(({ kind }) => kind === "ended");
    for (const [i, fault] of faults.entries()) {
      // All of them before the sweep is over; the check that comes first is one of those that end.
      while (ended().length < 1 + Math.floor((i * (JOBS - 4)) / faults.length)) {
        expect(driving.child.exitCode).toBeNull();
        await sleep(50);
      }
      await sleep(random.int(300));
      if (fault === "worker") {
        const chosen = random.int(3);
        workers[chosen]!.child.kill("SIGKILL");
        await workers[chosen]!.end;
        workers[chosen] = work();
      } else if (fault === "redis") await server.restart();
      else if (fault === "driver") {
        driving.child.kill("SIGKILL");
        await driving.end;
        driving = drive();
      } else {
        disk.fill();
        const { code, stderr } = await driving.end;
        expect(code).toBe(2);
        expect(stderr).toMatch(/full|ENOSPC|no space/i);
        expect(stderr.trim().split("\n").length).toBe(1);
        disk.empty();
        driving = drive();
      }
    }
    expect(await driving.end).toEqual({ code: 0, stderr: "" });
    expect(valuesIn(folder)).toEqual(clean.values);
    const names = ended().flatMap((entry) => (entry.kind === "ended" ? [entry.hash] : []));
    expect(names.length).toBe(new Set(names).size);
    expect(names.length).toBe(JOBS + 1);
    // Another driver finds all of it done.
    const again = await runSweep(SPEC, { folder, launcher: localLauncher({ command: ["false"] }) });
    expect(again.rows).toEqual(clean.result.rows);
    expect(again.steps).toBe(clean.result.steps);

    // A job's process ends with its worker.
    await processes[Symbol.asyncDispose]();
    await sleep(1000);
    expect(spawnSync("pgrep", ["-f", JOB_COMMAND[1]!], { encoding: "utf8" }).stdout).toBe("");
  },
);
