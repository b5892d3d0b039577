import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { type LaunchEvent, type RayOptions, rayLauncher, SweepError } from "../../src/index.js";
import { cleanSweep, sameOn } from "../everywhere/same.js";
import { JOB_COMMAND } from "../job-command.js";
import { RayCluster, rayProgram } from "./ray-cluster.js";
import { runJobs, ScriptedJobs, valuesOf } from "./scripted-jobs.js";

vi.setConfig({ testTimeout: 180_000, hookTimeout: 120_000 });

const RAY = rayProgram();

// One at a time on a machine, as Ray's own command ends all of them.
let cluster: RayCluster;
beforeAll(async () => {
  if (RAY !== undefined) cluster = await RayCluster.start(RAY);
});
afterAll(async () => await cluster?.[Symbol.asyncDispose]());

const launcherOf = (jobs: ScriptedJobs, body: string, more: Partial<RayOptions> = {}) =>
  rayLauncher({ url: cluster.url, pollMs: 300, command: jobs.command(body), ...more });

const sorted = (events: readonly LaunchEvent[]) =>
  [...valuesOf(events).values()].sort((a, b) => Number(a) - Number(b));

describe("one clear line, before anything runs", () => {
  test.each([
    [
      "http://127.0.0.1:1",
      /^http:\/\/127\.0\.0\.1:1: expected a Ray cluster that answers, got .*; try ray start --head/,
    ],
    ["127.0.0.1", /^ray: expected the address of a dashboard, .* got 127\.0\.0\.1/],
  ])("%s", async (url, message) => {
    const error = await rayLauncher({ url }).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(SweepError);
    expect((error as Error).message).toMatch(message);
    expect((error as Error).message).not.toContain("\n");
  });

  test("a server that is something else", async () => {
    const server = createServer((_, response) => response.end("hello")).listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    await expect(rayLauncher({ url })).rejects.toThrow(/got something else/);
    server.close();
  });
});

describe.skipIf(RAY === undefined)("a cluster with Ray", () => {
  test("does all jobs; what is killed is begun again; what fails is a result with what it printed", async () => {
    const jobs = new ScriptedJobs();
    const body = `
      const mark = folder + "/mark-" + spec.config.i;
      const isFirst = !existsSync(mark);
      writeFileSync(mark, "");
      if (spec.config.i === 0 && isFirst) process.kill(process.pid, "SIGKILL");
      if (spec.config.i === 1) { console.error("why it failed"); process.exit(3); }
      write();`;
    const events = await runJobs(await launcherOf(jobs, body), jobs.jobs(4));
    expect(new Set(valuesOf(events).values())).toEqual(
      new Set([0, 2, 3, "the process ended with exit code 3 and without a result"]),
    );
    expect(events.filter(({ kind }) => kind === "retried").length).toBe(1);
    const failure = events.flatMap((event) =>
      event.kind === "ended" ? (event.result.failure ?? []) : [],
    )[0]!;
    expect(failure.tail).toContain("why it failed");
  });

  test("a driver that is killed: the next one finds its jobs", async () => {
    const jobs = new ScriptedJobs();
    const list = jobs.jobs(2);
    const body = 'writeFileSync(folder + "/" + hash, "", { flag: "wx" }); await sleep(1500); write();';
    // It ends without a word. Begun again a job would fail, as its mark is there.
    const first = await launcherOf(jobs, body);
    await first.submit(list);
    expect(sorted(await runJobs(await launcherOf(jobs, body), list))).toEqual([0, 1]);
    await first.cancel();
  });

  test("a sweep of forty jobs is that of this machine, bit for bit", async () => {
    const launcher = await rayLauncher({ url: cluster.url, pollMs: 300, command: JOB_COMMAND });
    await sameOn(await cleanSweep(), launcher);
  }, 600_000);

  test("cancel stops what runs", async () => {
    const jobs = new ScriptedJobs();
    const launcher = await launcherOf(jobs, "await sleep(60_000);", { workers: 1 });
    await launcher.submit(jobs.jobs(2));
    await launcher.cancel();
    const quick = await launcherOf(jobs, "write();");
    expect(sorted(await runJobs(quick, jobs.jobs(1, { other: true })))).toEqual([0]);
  });
});
