/**
 * What a queue costs: 10,000 jobs that do nothing, through the driver of a sweep, a Redis server and two workers. The jobs are
 * done in the workers' own processes, so that what is measured is all but the jobs: planning, files, the journal, the queue.
 * Beside the time for each job stand the driver's memory as the sweep goes on, and the size of its page, how long it takes to
 * make, and to open in Chromium.
 *
 *     npx tsx --expose-gc bench/queue.ts      (needs redis-server and chromium)
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type JobResult,
  type JobSpec,
  redisLauncher,
  redisWorker,
  runSweep,
  type SweepSpec,
  sweepToHtml,
} from "@lrfind/sweep";
import { hashOfJob, VERSION } from "../packages/sweep/src/job/internal.js";
import { chromium } from "../test/support/requirements.js";
import { writeResults } from "./results.js";

const PORT = 26_379;
const url = `redis://127.0.0.1:${PORT}`;

/** A training that does nothing: its score is made of its configuration. */
async function nothing(spec: JobSpec): Promise<JobResult> {
  const { a, b } = spec.config as { readonly a: number; readonly b: number };
  const value =
    spec.task.kind === "check"
      ? ({ kind: "check", parameters: 1 } as const)
      : ({
          kind: "fit",
          records: [],
          best: a + b * b,
          last: a + b * b,
          better: "smaller",
          steps: 1,
        } as const);
  const made = { lrfind: VERSION, node: process.version, host: "bench" };
  return { format: "lrfind-job-result", version: 1, hash: hashOfJob(spec), value, durationMs: 0, made };
}

if (process.argv[2] === "worker") {
  await (await redisWorker({ url, from: process.argv[3]!, workers: 8, run: nothing })).closed;
  process.exit();
}

const folder = mkdtempSync(join(tmpdir(), "queue-"));
const processes: ChildProcess[] = [];
try {
  const server = spawn("redis-server", ["--port", String(PORT), "--save", "", "--dir", folder], {
    stdio: "ignore",
  });
  processes.push(server);
  await new Promise((resolve) => setTimeout(resolve, 500));
  writeFileSync(join(folder, "module.js"), "export default () => {};\n");
  for (let i = 0; i < 2; i++) {
    processes.push(
      spawn(process.execPath, ["--import", "tsx", import.meta.filename, "worker", folder], {
        stdio: "inherit",
      }),
    );
  }
  const axis = { from: 0, to: 1, count: 100 };
  const spec: SweepSpec = { model: "./module.js", axes: { a: axis, b: axis }, lr: [0.1], epochs: 1 };
  const memory: { readonly done: number; readonly heapMb: number }[] = [];
  let done = 0;
  let begin = 0;
  const look = () => {
    globalThis.gc?.();
    memory.push({ done, heapMb: Math.round(process.memoryUsage().heapUsed / 1e6) });
  };
  const result = await runSweep(spec, {
    folder: join(folder, "sweep"),
    from: folder,
    launcher: await redisLauncher({ url, from: folder }),
    onEvent({ kind }) {
      if (begin === 0) begin = performance.now();
      if (kind !== "ended") return;
      done++;
      if (done % 2000 === 0) look();
    },
  });
  const msPerJob = (performance.now() - begin) / result.done;
  if (result.done !== 10_000 || result.failed > 0)
    throw new Error(`${result.done} done, ${result.failed} failed`);
  const reportBegin = performance.now();
  const html = await sweepToHtml(spec, join(folder, "sweep"));
  const reportMs = performance.now() - reportBegin;
  writeFileSync(join(folder, "report.html"), html);
  const openMs = await openedIn(join(folder, "report.html"));
  const results = {
    jobs: result.done,
    msPerJob: Number(msPerJob.toFixed(2)),
    memory,
    report: { megabytes: Number((html.length / 1e6).toFixed(2)), makeMs: Math.round(reportMs), openMs },
  };
  console.log(results);
  writeResults("queue", results);
} finally {
  for (const child of processes) {
    child.kill("SIGKILL");
    await once(child, "close");
  }
  rmSync(folder, { recursive: true });
}

/** Milliseconds until the page has been laid out; null without Chromium. */
async function openedIn(path: string): Promise<number | null> {
  const executablePath = chromium();
  if (executablePath === undefined) return null;
  const { chromium: browsers } = await import("playwright-core");
  const browser = await browsers.launch({ executablePath, args: ["--no-sandbox"] });
  try {
    const page = await browser.newPage();
    const begin = performance.now();
    await page.goto(`file://${path}`);
    await page.evaluate(
      () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))),
    );
    return Math.round(performance.now() - begin);
  } finally {
    await browser.close();
  }
}
