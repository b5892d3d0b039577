import { mkdirSync, mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readLogs } from "lrfind/logs";
import { expect, test } from "vitest";
import { type JobSpec, saveSweepLogs, sweepToCsv } from "../../src/index.js";
import { Journal } from "../../src/journal/internal.js";

const MADE = { lrfind: "0.1.0", node: "v0", host: "h" };
const lr = Array.from({ length: 40 }, (_, i) => 1e-5 * 1e5 ** (i / 39));
const loss = lr.map((rate) => 2.3 - 1.5 / (1 + 0.003 / rate) + (rate > 0.3 ? 5 * rate : 0));

/** A sweep's folder: a check, a range test, a training, and one that failed. */
function folderOf(): string {
  const folder = mkdtempSync(join(tmpdir(), "sweep-logs-"));
  mkdirSync(folder, { recursive: true });
  const journal = new Journal(join(folder, "journal.jsonl"));
  const add = (hash: string, config: JobSpec["config"], task: JobSpec["task"], outcome: object) => {
    const common = { format: "lrfind-job", version: 1, lrfind: "0.1.0", threads: 1 } as const;
    journal.append({
      kind: "queued",
      hash,
      spec: { ...common, module: "../m.js", moduleHash: "0", config, task },
    });
    const result = { format: "lrfind-job-result", version: 1, hash, durationMs: 1500, made: MADE } as const;
    journal.append({ kind: "ended", hash, result: { ...result, ...outcome } });
    // Another driver may note it once more.
    journal.append({ kind: "ended", hash, result: { ...result, ...outcome } });
  };
  add(
    "aaaaaaaaaaaaaaaa",
    { wd: 0 },
    { kind: "check", monitor: "validLoss" },
    { value: { kind: "check", parameters: 1 } },
  );
  const curve = { numIt: 40, stop: "completed", lr, loss, smoothed: loss };
  add(
    "bbbbbbbbbbbbbbbb",
    { wd: 0, note: "a, b/../c" },
    { kind: "search", suggestFunc: "edge", numIt: 40, runs: 1 },
    { value: { kind: "search", lr: 0.01, suggestions: {}, curve, steps: 40 } },
  );
  const fit = { kind: "fit", schedule: "oneCycle", lr: 0.01, epochs: 2, monitor: "validLoss" } as const;
  const records = [
    { epoch: 0, trainLoss: 1, validLoss: 2, metrics: { accuracy: 0.5 } },
    { epoch: 1, trainLoss: 0.5, validLoss: 1, metrics: { accuracy: 0.75 } },
  ];
  add("cccccccccccccccc", { wd: 0 }, fit, {
    value: { kind: "fit", records, best: 1, last: 1, better: "smaller", steps: 20 },
  });
  add("dddddddddddddddd", { wd: 1 }, fit, { failure: { message: "Error: a, b", tail: "" } });
  return folder;
}

test("a run for each job, which lrfind reads as it reads TensorBoard's own", async () => {
  const to = mkdtempSync(join(tmpdir(), "runs-"));
  expect(await saveSweepLogs(folderOf(), to)).toBe(2);
  const names = readdirSync(to).sort();
  expect(names).toEqual(["fit-lr=0.0100-epochs=2-wd=0-cccccccc", "search-wd=0-note=a__b_.._c-bbbbbbbb"]);
  const file = join(to, names[1]!, "events.out.tfevents.0.bbbbbbbbbbbbbbbb");
  const [log] = readLogs([{ name: "events", contents: readFileSync(file) }], { lr: "lr", loss: "loss" });
  expect(log!.curve.lr.length).toBe(40);
  for (const [i, rate] of log!.curve.lr.entries()) expect(rate / lr[i]!).toBeCloseTo(1, 6);
});

test("a CSV file for each job, and one of all", async () => {
  const folder = folderOf();
  const to = mkdtempSync(join(tmpdir(), "runs-"));
  await saveSweepLogs(folder, to, { format: "csv" });
  expect(readFileSync(join(to, "fit-lr=0.0100-epochs=2-wd=0-cccccccc/log.csv"), "utf8")).toBe(
    "step,trainLoss,validLoss,accuracy\n1,1,2,0.5\n2,0.5,1,0.75\n",
  );
  expect(sweepToCsv(folder)).toBe(
    [
      "job,task,wd,note,lr,epochs,score,last,steps,seconds,failure",
      'bbbbbbbbbbbbbbbb,search,0,"a, b/../c",0.01,,,,40,1.5,',
      "cccccccccccccccc,fit,0,,0.01,2,1,1,20,1.5,",
      'dddddddddddddddd,fit,1,,0.01,2,,,,1.5,"Error: a, b"',
      "",
    ].join("\n"),
  );
});
