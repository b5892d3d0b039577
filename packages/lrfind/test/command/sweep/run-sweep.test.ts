import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { SweepDoor, SweepLock, SweepOutcome, SweepRow } from "../../../src/command/doors/sweep.js";
import { runCommand } from "../../../src/command/program.js";
import { runJobFile, runSweepFile, type SweepFlags } from "../../../src/command/sweep/run-sweep.js";
import { LrfindError } from "../../../src/core/index.js";
import { type FakeHost, fakeHost } from "../fake-host.js";

const row = (batchSize: number, score?: number): SweepRow => ({
  point: { config: { batchSize, wd: 0.1 }, rate: { factor: 0.3 } },
  ...(score === undefined ? {} : { lr: 0.0123456 * batchSize, score }),
  epochs: score === undefined ? 0 : 3,
  scores: score === undefined ? [] : [score - 0.1, score + 0.1],
});
const failed: SweepRow = { ...row(128), failure: "Error: \u001b[31mno" };
const ROWS = [row(16, 0.5), row(64, 0.75), failed];

const LOCK: SweepLock = {
  best: { config: { batchSize: 16 }, lr: 0.2, epochs: 3, monitor: "validLoss", score: 0.5 },
};

/** A sweep's package that trains nothing. */
function door(outcome: Partial<SweepOutcome> = {}, seen: unknown[] = []): SweepDoor {
  return {
    planSweep: () => ({
      spec: { search: "halving", threads: 2, monitor: "validLoss" },
      rows: [row(16), row(64)],
      rungs: [
        { count: 2, epochs: 1 },
        { count: 1, epochs: 3 },
      ],
    }),
    localLauncher: (options) => ({ launcher: options }),
    async runSweep(spec, options) {
      seen.push(spec, options);
      const { onEvent } = options as { onEvent(event: object): void };
      const progress = () => ({ done: 2, failed: 1, running: 1, total: 4, rows: ROWS });
      onEvent({ kind: "started", progress });
      onEvent({ kind: "ended", result: {}, progress });
      onEvent({ kind: "ended", result: { failure: { message: "broken" } }, progress });
      return { rows: ROWS, best: ROWS[0], stop: "completed", done: 4, failed: 1, steps: 10, ...outcome };
    },
    redisLauncher: async (options) => ({ redis: options }),
    slurmLauncher: async (options) => ({ slurm: options }),
    rayLauncher: async (options) => ({ ray: options }),
    redisWorker: async () => ({ closed: Promise.resolve(), close: async () => {} }),
    lockOf: () => LOCK,
    saveLock: async (path, lock) => writeFileSync(path, JSON.stringify(lock)),
    readLock: (path) => JSON.parse(readFileSync(path, "utf8")) as SweepLock,
    checkLock(_, spec) {
      if ("changed" in Object(spec))
        throw new LrfindError({ where: "the lock", expected: "one of this sweep" });
    },
    saveSweepLogs: async (_, to) => {
      mkdirSync(to);
      return 1;
    },
    sweepToCsv: () => "job,task\n",
    sweepToHtml: async (_, __, { title }: { title?: string }) => `<h1>${title}</h1>`,
    async runJob() {
      return {};
    },
  };
}

async function swept(
  given: SweepDoor,
  flags: Partial<SweepFlags> = {},
  host: FakeHost = fakeHost(),
): Promise<{ readonly host: FakeHost; readonly code: number }> {
  writeFileSync(join(host.cwd, "sweep.json"), '{ "model": "./learner.js" }');
  mkdirSync(join(host.cwd, "kept"));
  return {
    host,
    code: await runSweepFile("sweep.json", { out: "kept", lock: "lrfind.lock.json", ...flags }, host, given),
  };
}

test("prints a line for each job, then the table and, last, the best", async () => {
  const seen: unknown[] = [];
  const { host, code } = await swept(door({}, seen), { workers: 3, maxTime: 60 });
  expect(code).toBe(0);
  expect(host.stderr.split("\n")).toEqual([
    "2/4  1 failed  best 0.5000 at lr 0.198, batchSize 16, wd 0.1",
    "2/4  failed: broken",
    "wrote kept/report.html",
    "wrote lrfind.lock.json",
    "",
  ]);
  expect(readFileSync(join(host.cwd, "kept/report.html"), "utf8")).toBe("<h1>Sweep of sweep.json</h1>");
  const lines = host.stdout.trimEnd().split("\n");
  expect(lines[0]).toMatch(/^batchSize +wd +lr +epochs +score$/);
  expect(lines[1]).toMatch(/^16 +0\.1 +0\.198 +3 +0\.5000 \(0\.4000 to 0\.6000\)$/);
  expect(lines[3]).toMatch(/^128 +0\.1 +found × 0\.3 +failed: Error: no$/);
  expect(lines.at(-1)).toBe("best validLoss 0.5000: lr 0.198, batchSize 16, wd 0.1");
  expect(host.stdout).not.toContain("\u001b");
  expect(seen[0]).toEqual({ model: "./learner.js" });
  expect(seen[1]).toMatchObject({
    folder: join(host.cwd, "kept"),
    from: host.cwd,
    maxTime: 60,
    launcher: { launcher: { threads: 2, workers: 3 } },
  });
});

test("fits 40 columns", async () => {
  const { host } = await swept(door(), {}, fakeHost({ COLUMNS: "40" }));
  for (const line of host.stdout.split("\n").slice(0, 4)) expect([...line].length).toBeLessThanOrEqual(40);
});

test.each([
  ["completed", 0, ""],
  ["aborted", 130, "stopped: what ended is in kept; the same command goes on\n"],
  ["maxTime", 0, "the time is over: what ended is in kept; the same command goes on\n"],
  ["maxSteps", 0, "the steps are made: what ended is in kept; the same command goes on\n"],
] as const)("%s: exit code %i", async (stop, exitCode, words) => {
  const { host, code } = await swept(door({ stop }));
  expect(code).toBe(exitCode);
  expect(host.stderr.endsWith(words)).toBe(true);
});

test("nothing trained to the end is no answer", async () => {
  const { host, code } = await swept(door({ best: undefined }));
  expect(code).toBe(1);
  expect(host.stdout).toContain("no combination was trained to the end\n");
});

test("--json is for programs", async () => {
  const { host } = await swept(door(), { json: true });
  expect(JSON.parse(host.stdout)).toMatchObject({ best: { lr: row(16, 0.5).lr }, stop: "completed" });
});

test("--dry-run says what would be tried, and runs nothing", async () => {
  const seen: unknown[] = [];
  const { host, code } = await swept(door({}, seen), { dryRun: true });
  expect(code).toBe(0);
  expect(seen).toEqual([]);
  expect(host.stdout).toContain("halving: trainings, 2 of 1 epoch, then the best 1 of 3 epochs\n");
  expect(host.stdout).toMatch(/16 +0\.1 +found × 0\.3/);
});

describe("what is no spec is refused in one line", () => {
  test.each([
    ["none.json", undefined, /none\.json: expected a file that can be read, got none/],
    ["bad.json", "{", /bad\.json: expected JSON/],
    ["bad.mjs", "export const a = 1;", /expected a default export that is a sweep, got no default export/],
    ["bad.mjs", "export default 3;", /expected a default export that is a sweep, got 3/],
  ])("%s", async (name, text, message) => {
    const host = fakeHost();
    if (text !== undefined) writeFileSync(join(host.cwd, name), text);
    expect(await runCommand(["sweep", name], host)).toBe(2);
    expect(host.stderr).toMatch(message);
    expect(host.stderr.split("\n").length).toBe(2);
  });
});

test("a job says what it wrote, and whether it failed", async () => {
  const host = fakeHost();
  expect(await runJobFile("job.json", { out: "result.json" }, host, door())).toBe(0);
  expect(host.stderr).toBe("wrote result.json\n");
  const broken = { ...door(), runJob: async () => ({ failure: { message: "Error: x\ny", tail: "" } }) };
  const other = fakeHost();
  expect(await runJobFile("job.json", { out: "result.json" }, other, broken)).toBe(1);
  expect(other.stderr).toMatch(/^wrote result\.json\nthe job failed: Error: x.*\n$/);
  const refusing = {
    ...door(),
    runJob: async () => {
      throw new LrfindError({ where: "job.json", expected: "a job", got: "none" });
    },
  };
  await expect(runJobFile("job.json", { out: "r" }, fakeHost(), refusing)).rejects.toThrow(/expected a job/);
});

describe("what runs the jobs", () => {
  test.each([
    [{ redis: "redis://h" }, { redis: { url: "redis://h" } }],
    [{ redis: "redis://h", queue: "q" }, { redis: { url: "redis://h", queue: "q" } }],
    [
      { slurm: true, slurmArg: ["--time=1"], workers: 3 },
      { slurm: { threads: 2, workers: 3, args: ["--time=1"] } },
    ],
    [{ ray: "http://h" }, { ray: { url: "http://h", threads: 2 } }],
  ] as const)("%j", async (flags, launcher) => {
    const seen: unknown[] = [];
    await swept(door({}, seen), flags);
    expect(seen[1]).toMatchObject({ launcher });
  });

  test.each([
    [["--redis", "redis://h", "--slurm"], /^lrfind: --redis and --slurm: expected one of/],
    [["--queue", "q"], /^lrfind: --queue: expected --redis beside it/],
    [["--slurm-arg=--time=1"], /^lrfind: --slurm-arg: expected --slurm beside it/],
    [["--redis", "redis://h", "--workers", "2"], /^lrfind: --workers: expected no --redis beside it/],
  ])("%j", async (flags, message) => {
    const host = fakeHost();
    expect(await runCommand(["sweep", "sweep.json", ...flags], host)).toBe(2);
    expect(host.stderr).toMatch(message);
    expect(host.stderr.split("\n").length).toBe(2);
  });
});

test("--tensorboard and --csv write what other tools read", async () => {
  const { host } = await swept(door(), { tensorboard: "runs", csv: "sweep.csv" });
  expect(existsSync(join(host.cwd, "runs"))).toBe(true);
  expect(readFileSync(join(host.cwd, "sweep.csv"), "utf8")).toBe("job,task\n");
  expect(host.stderr).toContain("wrote runs\nwrote sweep.csv\n");
});

describe("the lock", () => {
  test("is written beside the spec, and --locked says what it pins, running nothing", async () => {
    const { host } = await swept(door());
    expect(JSON.parse(readFileSync(join(host.cwd, "lrfind.lock.json"), "utf8"))).toEqual(LOCK);
    const seen: unknown[] = [];
    const again = { out: "kept", lock: "lrfind.lock.json", locked: true } as const;
    expect(await runSweepFile("sweep.json", again, host, door({}, seen))).toBe(0);
    expect(seen).toEqual([]);
    expect(host.stdout.endsWith("best validLoss 0.5000: lr 0.2, batchSize 16 (locked)\n")).toBe(true);
    writeFileSync(join(host.cwd, "sweep.json"), '{ "changed": true }');
    await expect(runSweepFile("sweep.json", again, host, door())).rejects.toThrow(/the lock/);
  });

  test.each([
    [{ lock: false } as const, {}] as const,
    [{}, { stop: "maxTime" }] as const,
    [{}, { best: undefined }] as const,
  ])("is not written for %j, %j", async (flags, outcome) => {
    const { host } = await swept(door(outcome), flags);
    expect(existsSync(join(host.cwd, "lrfind.lock.json"))).toBe(false);
  });
});
