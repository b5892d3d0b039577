import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type JobResult, SweepError, type SweepSpec, sweepToHtml } from "../../src/index.js";
import { Journal } from "../../src/journal/internal.js";
import { fullSpec, nextJobs } from "../../src/plan/internal.js";

const BASE = { lrfind: "0.1.0", module: "../m.js", moduleHash: "0123456789abcdef" };
const MADE = { lrfind: "0", node: "v0", host: "h" };
const CURVE = {
  numIt: 40,
  stop: "completed",
  lr: Array.from({ length: 40 }, (_, i) => 1e-5 * 10 ** (i / 8)),
  loss: Array.from({ length: 40 }, (_, i) => 2 - i / 40),
  smoothed: Array.from({ length: 40 }, (_, i) => 2 - i / 40),
} as const;

/** A folder whose journal has a sweep's made-up results, as far as `most` jobs. */
function folderOf(given: SweepSpec, most = Number.POSITIVE_INFINITY): string {
  const folder = mkdtempSync(join(tmpdir(), "sweep-report-"));
  const journal = new Journal(join(folder, "journal.jsonl"));
  const spec = fullSpec(given, "spec");
  const results = new Map<string, JobResult>();
  for (;;) {
    const { jobs } = nextJobs(spec, BASE, results);
    const job = jobs[0];
    if (job === undefined || results.size >= most) return folder;
    const { config, task } = job.spec;
    const common = {
      format: "lrfind-job-result",
      version: 1,
      hash: job.hash,
      durationMs: 1,
      made: MADE,
    } as const;
    const lr = 0.01;
    const point = { lr, loss: 1 };
    const best = task.kind === "fit" ? Math.abs(Math.log(task.lr / 0.02)) + Number(config["wd"]) : 0;
    const result: JobResult =
      config["note"] === "<broken>"
        ? { ...common, failure: { message: "Error: <b>no</b>", tail: "the <i>end</i>" } }
        : task.kind === "search"
          ? {
              ...common,
              value: { kind: "search", lr, suggestions: { edge: { lr, point } }, curve: CURVE, steps: 40 },
            }
          : { ...common, value: { kind: "fit", records: [], best, last: best, better: "smaller", steps: 1 } };
    journal.append({ kind: "queued", hash: job.hash, spec: job.spec });
    journal.append({ kind: "ended", hash: job.hash, result });
    results.set(job.hash, result);
  }
}

const SPEC: SweepSpec = { model: "./m.js", axes: { wd: [0, 1, 2], note: ["fine", "<broken>"] }, epochs: 2 };
const headings = (html: string) => Array.from(html.matchAll(/<h2[^>]*>([^<]*)<\/h2>/g), ([, text]) => text);

test("shows the best, what matters, maps, all combinations, curves, and what failed, harmlessly", async () => {
  const html = await sweepToHtml(SPEC, folderOf(SPEC), { title: "A & B", command: "lrfind sweep s.ts" });
  expect(headings(html)).toEqual([
    "The best combination",
    "What matters",
    "Rate and wd",
    "All combinations",
    "Table",
    "Range tests",
    "What failed",
    "How it was measured",
  ]);
  // The made-up losses are lowest at 0.02: of 0.003, 0.01 and 0.03 the last is nearest.
  expect(html).toContain("fitOneCycle(2, { lrMax: 0.03 })");
  expect(html).toContain("{&quot;wd&quot;:0,&quot;note&quot;:&quot;fine&quot;}");
  expect(html).not.toMatch(/<broken>|<b>no|<i>end/);
  expect(html).not.toMatch(/NaN|Infinity|undefined/);
  expect(html).toContain("Best validLoss 0.4055, of 18 combinations.");
});

test("of a sweep that has hardly begun, and of none, says what there is", async () => {
  for (const most of [0, 1, 4, 7]) {
    const html = await sweepToHtml(SPEC, folderOf(SPEC, most));
    expect(headings(html)).toContain("Table");
    expect(html).not.toMatch(/NaN|Infinity|undefined/);
  }
  expect(await sweepToHtml(SPEC, "/nowhere")).toContain("No combination was trained to the end yet.");
});

test("of halving compares trainings of one length", async () => {
  const halving: SweepSpec = {
    model: "./m.js",
    axes: { wd: { from: 0, to: 1 } },
    search: "halving",
    trials: 9,
    epochs: 9,
    lr: [0.01, 0.02, 0.03],
  };
  const html = await sweepToHtml(halving, folderOf(halving));
  expect(html).toMatch(/over 6 combinations that were trained for 1 epochs/);
});

test("refuses what it cannot read", async () => {
  await expect(sweepToHtml({} as never, "x")).rejects.toThrow(SweepError);
  await expect(sweepToHtml(SPEC, 3 as never)).rejects.toThrow(/folder/);
  await expect(sweepToHtml(SPEC, "x", { titel: "x" } as never)).rejects.toThrow(/known option, got "titel"/);
});
