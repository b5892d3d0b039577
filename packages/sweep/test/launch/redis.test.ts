import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Worker } from "bullmq";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { programs } from "../../../../test/support/requirements.js";
import {
  type LaunchEvent,
  type RedisWorkerEvent,
  type RedisWorkerOptions,
  redisLauncher,
  redisWorker,
  SweepError,
} from "../../src/index.js";
import { RedisServer } from "./redis-server.js";
import { runJobs, ScriptedJobs, valuesOf } from "./scripted-jobs.js";

vi.setConfig({ testTimeout: 120_000 });

const HAS_REDIS = programs("Redis", ["redis-server"], "redis-server") !== undefined;

let server: RedisServer;
let count = 0;
beforeAll(async () => {
  if (HAS_REDIS) server = await RedisServer.start();
});
afterAll(async () => await server?.end());

/** A queue of a test's own, in the server of all. */
function queueOf(jobs: ScriptedJobs, at = server) {
  const queue = `q${count++}`;
  return {
    queue,
    launcher: () => redisLauncher({ url: at.url, queue, from: jobs.folder }),
    worker: (body: string, more: Partial<RedisWorkerOptions> = {}) =>
      redisWorker({
        ...{ url: at.url, queue, from: jobs.folder, workers: 1, lockMs: 1000 },
        command: jobs.command(body),
        ...more,
      }),
  };
}

const all = (n: number) => Array.from({ length: n }, (_, i) => i);
const kindsOf = (events: readonly LaunchEvent[], kind: string) =>
  events.filter((event) => event.kind === kind);

describe.skipIf(!HAS_REDIS)("a queue on Redis", () => {
  test("workers that join and leave do all jobs, each once", async () => {
    const jobs = new ScriptedJobs();
    const { launcher, worker } = queueOf(jobs);
    const first = await worker("await sleep(50); write();");
    const list = jobs.jobs(12);
    let joined = false;
    const events = await runJobs(await launcher(), list, ({ kind }) => {
      if (kind !== "ended" || joined) return;
      joined = true;
      // A second one comes, and the first goes after what it has begun.
      void worker("await sleep(50); write();").then(() => first.close());
    });
    expect([...valuesOf(events).values()].sort((a, b) => Number(a) - Number(b))).toEqual(all(12));
    expect(kindsOf(events, "ended").length).toBe(12);
    for (const { out } of list)
      expect(JSON.parse(readFileSync(out, "utf8")).format).toBe("lrfind-job-result");
    await first.closed;
  });

  test("a worker that is killed: another begins its job again", async () => {
    const jobs = new ScriptedJobs();
    const { launcher, worker, queue } = queueOf(jobs);
    const command = jobs.command('writeFileSync(folder + "/began", ""); await sleep(60_000);');
    const script = join(jobs.folder, "worker.mts");
    const source = new URL("../../src/index.ts", import.meta.url).href;
    const options = { url: server.url, queue, from: jobs.folder, workers: 1, lockMs: 1000, command };
    writeFileSync(
      script,
      `import { redisWorker } from ${JSON.stringify(source)}; await redisWorker(${JSON.stringify(options)});`,
    );
    const { spawn } = await import("node:child_process");
    const child = spawn(process.execPath, ["--import", "tsx", script], { stdio: "inherit" });
    const running = runJobs(await launcher(), jobs.jobs(1));
    while (!existsSync(join(jobs.folder, "began"))) await sleep(20);
    child.kill("SIGKILL");
    await using _ = await worker("write();");
    const events = await running;
    expect(kindsOf(events, "retried").length).toBe(1);
    expect([...valuesOf(events).values()]).toEqual([0]);
  });

  test("its lock is renewed while a job runs for longer than it", async () => {
    const jobs = new ScriptedJobs();
    const { launcher, worker } = queueOf(jobs);
    await using _ = await worker("const end = Date.now() + 4000; while (Date.now() < end); write();");
    await using __ = await worker("write();", { lockMs: 1000 });
    const events = await runJobs(await launcher(), jobs.jobs(2));
    expect(kindsOf(events, "retried")).toEqual([]);
    expect(kindsOf(events, "started").length).toBe(2);
  });

  test("a server that is begun anew, twice, and forgets all: nothing is lost", async () => {
    await using own = await RedisServer.start();
    const jobs = new ScriptedJobs();
    const { launcher, worker } = queueOf(jobs, own);
    await using _ = await worker("await sleep(200); write();");
    let restarts = 0;
    let ended = 0;
    const events = await runJobs(await launcher(), jobs.jobs(12), ({ kind }) => {
      if (kind === "ended" && (++ended === 2 || ended === 6) && restarts < 2) {
        restarts++;
        void own.restart();
      }
    });
    expect(restarts).toBe(2);
    expect([...valuesOf(events).values()].sort((a, b) => Number(a) - Number(b))).toEqual(all(12));
    expect(kindsOf(events, "ended").length).toBe(12);
  });

  test("a full server: refused at the beginning, waited for in the middle", async () => {
    await using own = await RedisServer.start();
    const jobs = new ScriptedJobs();
    const { launcher, worker } = queueOf(jobs, own);
    const client = own.client();
    // Begun while there is room, as a server that was full from the beginning lets nobody in.
    const early = await launcher();
    await client.config("SET", "maxmemory", "1");
    await expect(runJobs(early, jobs.jobs(3))).rejects.toThrow(
      /redis:\/\/127.*expected a Redis server that takes jobs, got OOM.*; try a larger maxmemory/,
    );
    await client.config("SET", "maxmemory", "0");
    await using _ = await worker("await sleep(100); write();");
    const told: string[] = [];
    const list = jobs.jobs(8);
    const driver = await launcher();
    const events = await runJobs(
      driver,
      list.slice(0, 4),
      (event) => {
        if (event.kind === "waiting") {
          told.push(event.why);
          void client.config("SET", "maxmemory", "0");
        }
        if (event.kind !== "ended" || told.length > 0) return;
        void client.config("SET", "maxmemory", "1").then(() => driver.submit(list.slice(4)));
      },
      8,
    );
    client.disconnect();
    expect(told.join("\n")).toMatch(/OOM/);
    expect([...valuesOf(events).values()].sort((a, b) => Number(a) - Number(b))).toEqual(all(8));
  });

  test("a driver that ends ends its jobs, and takes those that wait out of the queue", async () => {
    const jobs = new ScriptedJobs();
    const { launcher, worker } = queueOf(jobs);
    const body = 'while (!existsSync(folder + "/go")) await sleep(20); write();';
    await using _ = await worker(body);
    const driver = await launcher();
    const list = jobs.jobs(3);
    await driver.submit(list);
    for await (const { kind } of driver.events()) if (kind === "started") break;
    await driver.cancel();
    // The next one has the worker at once, whose job was ended.
    writeFileSync(join(jobs.folder, "go"), "");
    const events = await runJobs(await launcher(), list);
    expect([...valuesOf(events).values()].sort((a, b) => Number(a) - Number(b))).toEqual(all(3));
  }, 60_000);

  test("results that nobody took are there for the next driver", async () => {
    const jobs = new ScriptedJobs();
    const { launcher, worker, queue } = queueOf(jobs);
    const list = jobs.jobs(3);
    // A driver that is killed: its jobs stay in the queue.
    const { Queue } = await import("bullmq");
    const left = new Queue(queue, { connection: { url: server.url } });
    for (const { hash, path } of list) {
      const spec = JSON.parse(readFileSync(path, "utf8"));
      await left.add("fit", { spec, module: "module.js" }, { jobId: `job-${hash}` });
    }
    await using _ = await worker('writeFileSync(folder + "/" + hash, "", { flag: "wx" }); write();');
    while ((await left.getCompletedCount()) < 3) await sleep(50);
    await left.close();
    // Begun again it would fail, as the script's mark is there.
    const events = await runJobs(await launcher(), list);
    expect([...valuesOf(events).values()].sort((a, b) => Number(a) - Number(b))).toEqual(all(3));
  });

  test("a job whose name is of digits alone", async () => {
    const jobs = new ScriptedJobs();
    const { launcher, worker } = queueOf(jobs);
    const [job] = jobs.jobs(1);
    await using _ = await worker("write();");
    const digits = { ...job!, hash: "1234567890123456" };
    const [value] = valuesOf(await runJobs(await launcher(), [digits])).values();
    expect(value).toBe(0);
  });

  test("a job's process that is killed is begun again, then given up; what fails is a result", async () => {
    const jobs = new ScriptedJobs();
    const { launcher, worker } = queueOf(jobs);
    await using _ = await worker(
      `if (spec.config.i === 0) process.kill(process.pid, "SIGKILL");
       if (spec.config.i === 1) { console.error("why"); process.exit(3); }
       await sleep(50); write();`,
      { retries: 1 },
    );
    const events = await runJobs(await launcher(), jobs.jobs(3));
    expect(new Set(valuesOf(events).values())).toEqual(
      new Set([
        "the process was ended by SIGKILL, 2 times",
        "the process ended with exit code 3 and without a result",
        2,
      ]),
    );
  });

  test("a worker with another text of the module leaves, and says why", async () => {
    const [jobs, other] = [new ScriptedJobs(), new ScriptedJobs()];
    writeFileSync(other.module, "export default () => 1;");
    const { launcher, worker } = queueOf(jobs);
    const told: RedisWorkerEvent[] = [];
    const stale = await worker("write();", { from: other.folder, onEvent: (event) => told.push(event) });
    const running = runJobs(await launcher(), jobs.jobs(2));
    await expect(stale.closed).rejects.toThrow(/expected the module of the sweep, got another text of it/);
    expect(told.at(-1)).toMatchObject({ kind: "left" });
    await using _ = await worker("write();");
    expect([...valuesOf(await running).values()].length).toBe(2);
  });

  describe("one clear line, before anything runs", () => {
    const jobs = new ScriptedJobs();

    test.each([
      [
        "redis://127.0.0.1:1",
        /^redis:\/\/127\.0\.0\.1:1: expected a Redis server that answers, got .*ECONNREFUSED/,
      ],
      ["http://localhost", /expected an address such as redis:\/\/localhost:6379, got http:\/\/localhost/],
      ["redis://user:secret@127.0.0.1:1", /^redis:\/\/127\.0\.0\.1:1: /],
    ])("%s", async (url, message) => {
      for (const begin of [() => redisLauncher({ url }), () => redisWorker({ url })]) {
        const error = await begin().catch((caught: unknown) => caught);
        expect(error).toBeInstanceOf(SweepError);
        expect((error as Error).message).toMatch(message);
        expect((error as Error).message).not.toMatch(/\n|secret/);
      }
    });

    test("a password that is wrong", async () => {
      await using own = await RedisServer.start();
      const client = own.client();
      await client.config("SET", "requirepass", "right");
      client.disconnect();
      await expect(redisLauncher({ url: own.url })).rejects.toThrow(/NOAUTH/);
    });

    test("a worker of another version at the queue", async () => {
      const { launcher, queue } = queueOf(jobs);
      const old = new Worker(queue, async () => {}, {
        connection: { url: server.url, maxRetriesPerRequest: null },
        name: "lrfind@0.0.9/mars/7",
      });
      await old.waitUntilReady();
      await sleep(200);
      await expect(launcher()).rejects.toThrow(
        /expected workers of lrfind 0\.1\.0, as this is, got one of 0\.0\.9 on mars; try/,
      );
      await old.close(true);
    });

    test("a driver of another version at the queue", async () => {
      const { worker, queue } = queueOf(jobs);
      const client = server.client();
      await client.set(`lrfind:${queue}:driver`, "0.0.9");
      client.disconnect();
      await expect(worker("write();")).rejects.toThrow(/expected version 0\.0\.9, .* got version 0\.1\.0/);
    });
  });
});
