import { execFileSync } from "node:child_process";
import { describe, expect, test, vi } from "vitest";
import { nextTask, yieldIfDue, yielding } from "../../src/core/index.js";

/** A `yieldIfDue` under a clock that is set by hand, whose tasks are counted. */
function underClock() {
  const at = { ms: 100, tasks: 0 };
  const task = async () => {
    at.tasks++;
    await Promise.resolve();
    at.ms += 3;
  };
  return { at, due: yielding({ now: () => at.ms, task, everyMs: 5 }) };
}

describe("yielding", () => {
  test("gives way once its time is over, and not before", async () => {
    const { at, due } = underClock();
    const yielded: boolean[] = [];
    for (let ms = 0; ms < 12; ms++) {
      const wait = due();
      yielded.push(wait !== undefined);
      await wait;
      at.ms++;
    }
    // 0 … 4 ms are allowed; then the count begins anew when it resumes.
    expect(yielded.map(Number).join("")).toBe("000001000010");
    expect(at.tasks).toBe(2);
  });

  test("lets all that are due wait for one task", async () => {
    const { at, due } = underClock();
    at.ms += 5;
    const first = due();
    expect(due()).toBe(first);
    await first;
    expect(due()).toBeUndefined();
    expect(at.tasks).toBe(1);
  });

  test("goes on after a task that failed", async () => {
    const at = { ms: 0, tasks: 0 };
    const task = async () => {
      if (at.tasks++ === 0) throw new Error("gone");
    };
    const due = yielding({ now: () => at.ms, task, everyMs: 5 });
    at.ms = 5;
    await expect(due()).rejects.toThrow("gone");
    expect(due()).toBeUndefined();
    at.ms = 10;
    await due();
    expect(at.tasks).toBe(2);
  });

  test("costs no task while the clock stands still, and goes on where it is set back", async () => {
    const { at, due } = underClock();
    for (let i = 0; i < 1000; i++) expect(due()).toBeUndefined();
    at.ms -= 1000;
    await due();
    expect(due()).toBeUndefined();
    expect(at.tasks).toBe(1);
  });
});

describe("yieldIfDue", () => {
  test("goes on for 5 ms by the clock, until it is due", async () => {
    const now = vi.spyOn(performance, "now");
    try {
      const begin = 1e9;
      now.mockReturnValue(begin);
      await yieldIfDue();
      now.mockReturnValue(begin + 4.999);
      expect(yieldIfDue()).toBeUndefined();
      now.mockReturnValue(begin + 5);
      expect(yieldIfDue()).toBeInstanceOf(Promise);
      await yieldIfDue();
      expect(yieldIfDue()).toBeUndefined();
    } finally {
      now.mockRestore();
    }
  });
});

describe("nextTask", () => {
  test("lets timers and other tasks run, which awaiting a settled promise does not", async () => {
    const seen: string[] = [];
    setImmediate(() => seen.push("task"));
    for (let i = 0; i < 1000; i++) await undefined;
    expect(seen).toEqual([]);
    await nextTask();
    expect(seen).toEqual(["task"]);
  });

  test("makes no channel where there is setImmediate", async () => {
    vi.stubGlobal("MessageChannel", undefined);
    try {
      await nextTask();
    } finally {
      vi.unstubAllGlobals();
    }
  });

  test("goes on under fake timers", async () => {
    vi.useFakeTimers();
    try {
      await nextTask();
      await yieldIfDue();
    } finally {
      vi.useRealTimers();
    }
  });

  test("works, and lets the process end, where there is no setImmediate", () => {
    const module = JSON.stringify(new URL("../../src/core/event-loop.ts", import.meta.url).href);
    const script = `delete globalThis.setImmediate;
      const { nextTask } = await import(${module});
      let timers = 0;
      setTimeout(() => timers++, 0);
      const until = performance.now() + 5;
      while (performance.now() < until);
      for (let i = 0; i < 20; i++) await nextTask();
      process.stdout.write(String(timers));`;
    const args = ["--import", "tsx", "--input-type=module", "-e", script];
    expect(execFileSync(process.execPath, args, { encoding: "utf8", timeout: 30_000 })).toBe("1");
  });
});
