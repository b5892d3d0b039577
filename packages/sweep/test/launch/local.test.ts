import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type LaunchEvent, localLauncher, type QueuedJob, SweepError } from "../../src/index.js";

const folder = mkdtempSync(join(tmpdir(), "local-"));

/** A launcher whose jobs run a script: `job` and `out` are its files, `hash` the job's name. */
function scripted(name: string, body: string, options: { workers?: number; retries?: number } = {}) {
  const path = join(folder, `${name}.mjs`);
  writeFileSync(
    path,
    `import { existsSync, readFileSync, writeFileSync } from "node:fs";
     const [job, out] = process.argv.slice(2);
     const hash = readFileSync(job, "utf8");
     const write = (more) => writeFileSync(out, JSON.stringify({ format: "lrfind-job-result", version: 1, hash, durationMs: 1, ...more }));
     ${body}`,
  );
  return localLauncher({ command: [process.execPath, path], ...options });
}

function jobs(name: string, n: number): QueuedJob[] {
  return Array.from({ length: n }, (_, i) => {
    const hash = `${name}-${i}`;
    writeFileSync(join(folder, hash), hash);
    return { hash, path: join(folder, hash), out: join(folder, `${hash}.result`) };
  });
}

/** Runs jobs and gives what happened, until all have ended. */
async function run(
  launcher: ReturnType<typeof localLauncher>,
  list: readonly QueuedJob[],
): Promise<LaunchEvent[]> {
  await using _ = launcher;
  await launcher.submit(list);
  const seen: LaunchEvent[] = [];
  for await (const event of launcher.events()) {
    seen.push(event);
    if (seen.filter(({ kind }) => kind === "ended").length === list.length) break;
  }
  return seen;
}

const failureOf = (events: readonly LaunchEvent[]) =>
  events.flatMap((event) => (event.kind === "ended" ? [event.result.failure] : []))[0];

test("runs all, as many at a time as there are workers", async () => {
  const launcher = scripted(
    "all",
    "setTimeout(() => write({ value: { kind: 'check', parameters: 1 } }), 50);",
    { workers: 2 },
  );
  const events = await run(launcher, jobs("all", 5));
  let running = 0;
  let most = 0;
  for (const { kind } of events) {
    running += kind === "started" ? 1 : -1;
    most = Math.max(most, running);
  }
  expect(most).toBe(2);
  expect(new Set(events.flatMap((event) => (event.kind === "ended" ? [event.hash] : []))).size).toBe(5);
});

describe("a process that ends without a result", () => {
  test("by itself: its exit code, and the end of what it printed, without what a terminal would obey", async () => {
    const body = 'console.log("before"); console.error("\\u001b[31mwhy\\u001b[0m"); process.exit(3);';
    const failure = failureOf(await run(scripted("code", body), jobs("code", 1)));
    expect(failure!.message).toBe("the process ended with exit code 3 and without a result");
    expect(failure!.tail).toContain("before");
    expect(failure!.tail).toContain("why");
    expect(failure!.tail).not.toContain("\u001b");
  });

  test("as it was killed: it is begun again", async () => {
    const body = `
      const mark = job + ".mark";
      if (!existsSync(mark)) { writeFileSync(mark, ""); process.kill(process.pid, "SIGKILL"); await new Promise(() => setInterval(() => {}, 1000)); }
      write({ value: { kind: "check", parameters: 1 } });`;
    const events = await run(scripted("kill", body), jobs("kill", 1));
    expect(events.map(({ kind }) => kind)).toEqual(["started", "retried", "started", "ended"]);
    expect(failureOf(events)).toBeUndefined();
  });

  test("again and again: it is given up", async () => {
    const body = 'process.kill(process.pid, "SIGKILL"); setInterval(() => {}, 1000);';
    const events = await run(scripted("always", body, { retries: 2 }), jobs("always", 1));
    expect(events.filter(({ kind }) => kind === "started").length).toBe(3);
    expect(failureOf(events)!.message).toBe("the process was ended by SIGKILL, 3 times");
  });

  test("that is no program", async () => {
    const launcher = localLauncher({ command: [join(folder, "nothing")] });
    expect(failureOf(await run(launcher, jobs("none", 1)))!.message).toMatch(
      /could not be started: .*ENOENT/,
    );
  });
});

test("a result of another job, or half a one, is none", async () => {
  const other =
    'writeFileSync(out, JSON.stringify({ format: "lrfind-job-result", version: 1, hash: "other", durationMs: 1, value: {} }));';
  expect(failureOf(await run(scripted("other", other), jobs("other", 1)))!.message).toMatch(
    /without a result/,
  );
  const half = 'writeFileSync(out, \'{"format":"lrfind-job-re\');';
  expect(failureOf(await run(scripted("half", half), jobs("half", 1)))!.message).toMatch(/without a result/);
});

test("cancel ends what runs, and what waits never begins", async () => {
  const launcher = scripted("cancel", "setInterval(() => {}, 1000);", { workers: 1 });
  await launcher.submit(jobs("cancel", 3));
  await launcher.cancel();
  const events: LaunchEvent[] = [];
  for await (const event of launcher.events()) events.push(event);
  expect(events.map(({ kind }) => kind)).toEqual(["started"]);
});

test("options that cannot be used are refused", () => {
  expect(() => localLauncher({ workers: 0 })).toThrow(SweepError);
  expect(() => localLauncher({ worker: 1 } as never)).toThrow(/try workers/);
});
