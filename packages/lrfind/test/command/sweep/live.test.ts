import { expect, test, vi } from "vitest";
import type { SweepRow } from "../../../src/command/doors/sweep.js";
import { liveOn } from "../../../src/command/sweep/live.js";
import { widthOf } from "../../../src/draw/index.js";
import { fakeHost } from "../fake-host.js";

const rows: SweepRow[] = Array.from({ length: 20 }, (_, i) => ({
  point: { config: { batchSize: i }, rate: { factor: 1 } },
  lr: 0.01,
  epochs: 3,
  score: i / 10,
  scores: [i / 10],
}));
const progress = (done: number) => () => ({ done, failed: 1, running: 2, total: 40, rows });

/** What a terminal shows of what was written: lines that are gone are taken away. */
function screenOf(text: string): string[] {
  let lines: string[] = [];
  for (const [i, part] of text.split("\u001b[").entries()) {
    // "11A" goes up; "0J" and what follows it is written there.
    if (i > 0 && part.endsWith("A")) lines = lines.slice(0, -Number(part.slice(0, -1)));
    else lines.push(...part.replace(/^0J/, "").split("\n").slice(0, -1));
  }
  return lines;
}

test.each([40, 60, 200])(
  "a table that is drawn over: the best so far, failures, time left; %i columns",
  (columns) => {
    vi.useFakeTimers();
    try {
      const host = fakeHost({ COLUMNS: String(columns) });
      const live = liveOn({ ...host, hasBar: true });
      live.event({ kind: "started", progress: progress(0) });
      vi.advanceTimersByTime(10_000);
      live.event({ kind: "ended", progress: progress(1) });
      // Too soon to be drawn; it is later.
      live.event({ kind: "ended", progress: progress(2) });
      vi.advanceTimersByTime(1000);
      const lines = screenOf(host.stderr);
      for (const line of lines) expect(widthOf(line)).toBeLessThan(columns + 1);
      expect(lines.length).toBe(11);
      expect(lines[0]).toMatch(/^batchSize +lr +epochs +score$/);
      expect(lines[1]).toMatch(/^0 +0\.01 +3 +0\.000/);
      expect(lines[9]).toBe("… and 12 more");
      expect(lines[10]).toContain("2/40");
      expect(lines[10]).toMatch(/min left/);
      if (columns > 40) expect(lines[10]).toContain("1 failed");
      live.event({ kind: "waiting", why: "no worker\u001b[31m", progress: progress(2) });
      vi.advanceTimersByTime(1000);
      expect(screenOf(host.stderr)[10]).toContain("no worker");
      live.stop();
      live.event({ kind: "ended", progress: progress(3) });
      vi.advanceTimersByTime(1000);
      expect(screenOf(host.stderr)).toEqual([]);
    } finally {
      vi.useRealTimers();
    }
  },
);

test("without a terminal, a line for each job that ends, and for what it waits for", () => {
  const host = fakeHost();
  const live = liveOn(host);
  live.event({ kind: "started", progress: progress(0) });
  live.event({ kind: "waiting", why: "no worker", progress: progress(0) });
  live.event({ kind: "retried", why: "its worker is gone", progress: progress(0) });
  live.event({ kind: "ended", result: {}, progress: progress(1) });
  expect(host.stderr).toBe(
    "waiting: no worker\n0/40  its worker is gone\n1/40  1 failed  best 0.000 at lr 0.01, batchSize 0\n",
  );
});
