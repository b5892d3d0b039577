import { expect, test } from "vitest";
import type { SweepDoor } from "../../../src/command/doors/sweep.js";
import { runCommand } from "../../../src/command/program.js";
import { runWorker } from "../../../src/command/sweep/worker.js";
import { fakeHost } from "../fake-host.js";

/** A worker that leaves once it was told to often enough. */
function door(options: object[], closes: object[], until = 1): SweepDoor {
  return {
    async redisWorker(given: { onEvent(event: object): void }) {
      options.push(given);
      given.onEvent({ kind: "started", hash: "0123" });
      given.onEvent({ kind: "waiting", why: "redis://h: away\u001b[31m" });
      given.onEvent({ kind: "waiting", why: "redis://h: away\u001b[31m" });
      let leave!: () => void;
      const closed = new Promise<void>((resolve) => {
        leave = resolve;
      });
      return {
        closed,
        async close(how: { force: boolean }) {
          closes.push(how);
          if (closes.length === until) leave();
        },
      };
    },
  } as unknown as SweepDoor;
}

test("tells what it does; Ctrl-C leaves once the jobs are over, twice at once", async () => {
  const [options, closes]: [object[], object[]] = [[], []];
  const host = fakeHost();
  const running = runWorker({ redis: "redis://h", workers: 2 }, host, door(options, closes, 2));
  await new Promise((resolve) => setTimeout(resolve, 10));
  host.interrupt();
  host.interrupt();
  expect(await running).toBe(130);
  expect(closes).toEqual([{ force: false }, { force: true }]);
  expect(options[0]).toMatchObject({ url: "redis://h", workers: 2, from: host.cwd });
  expect(host.stderr.match(/away/g)!.length).toBe(1);
  expect(host.stderr).not.toContain("\u001b");
  expect(host.stderr).toContain("started 0123\n");
});

test("it has to be told which queue", async () => {
  const host = fakeHost();
  expect(await runCommand(["worker"], host)).toBe(2);
  expect(host.stderr).toBe(
    "lrfind: worker: expected the address of a queue; try --redis redis://localhost:6379\n",
  );
});
