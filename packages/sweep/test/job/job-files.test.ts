import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type JobSpec, runJob, SweepError } from "../../src/index.js";
import { canonical, hashOf } from "../../src/job/canonical.js";
import { hashOfJob, parseJob, parseJobResult } from "../../src/job/internal.js";
import { VERSION } from "../../src/job/version.js";

const JOB: JobSpec = {
  format: "lrfind-job",
  version: 1,
  lrfind: VERSION,
  module: "../learner.js",
  moduleHash: "0123456789abcdef",
  threads: 1,
  config: { batchSize: 16, optFunc: "adam", amp: false, note: null },
  task: { kind: "fit", schedule: "oneCycle", lr: 0.01, epochs: 3, monitor: "validLoss" },
};

test("equal values have equal texts, whatever the order of their keys", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
      const turned = Object.fromEntries(Object.entries(value).reverse());
      expect(canonical(turned)).toBe(canonical(value));
      expect(JSON.parse(canonical(value))).toEqual(JSON.parse(JSON.stringify(value)));
      expect(hashOf(value)).toMatch(/^[0-9a-f]{16}$/);
    }),
  );
});

test("the name of a job is that of all that decides it", () => {
  // Python's hashlib says the same of json.dumps(…, sort_keys=True, separators=(",", ":")).
  expect(hashOfJob({ ...JOB, lrfind: "0.1.0" })).toBe("36b40ca424cd5517");
});

test("a job is read back as it was written", () => {
  expect(parseJob(JSON.stringify(JOB), "job.json")).toEqual(JOB);
});

describe("what is no job is refused, by name", () => {
  test.each([
    ["", /JSON/],
    ["{", /JSON/],
    ["null", /object/],
    ["{}", /format/],
    [JSON.stringify({ ...JOB, version: 2 }), /version to be 1, the version that this lrfind reads, got 2/],
    [JSON.stringify({ ...JOB, threads: 0 }), /threads/],
    [JSON.stringify({ ...JOB, config: { a: {} } }), /config/],
    [JSON.stringify({ ...JOB, task: { kind: "serve" } }), /task/],
    [JSON.stringify({ ...JOB, task: { ...JOB.task, lr: -1 } }), /lr/],
    [JSON.stringify({ ...JOB, task: { ...JOB.task, epoch: 1 } }), /try epochs/],
    [JSON.stringify({ ...JOB, thread: 1 }), /try threads/],
  ])("%s", (text, message) => {
    expect(() => parseJob(text, "job.json")).toThrow(SweepError);
    expect(() => parseJob(text, "job.json")).toThrow(message);
    expect(() => parseJob(text, "job.json")).toThrow(/^job\.json/);
  });

  test("however it is damaged", () => {
    const text = JSON.stringify(JOB);
    fc.assert(
      fc.property(fc.nat(text.length), fc.nat(20), fc.string({ maxLength: 5 }), (at, removed, added) => {
        const damaged = text.slice(0, at) + added + text.slice(at + removed);
        for (const parse of [parseJob, parseJobResult]) {
          try {
            parse(damaged, "job.json");
          } catch (error) {
            expect(error).toBeInstanceOf(SweepError);
          }
        }
      }),
      { numRuns: 2000 },
    );
  });
});

test("a result is one whole", () => {
  const made = { lrfind: "1", node: "v20", host: "h" };
  const result = { format: "lrfind-job-result", version: 1, hash: "a", durationMs: 1, made };
  const failure = { message: "m", tail: "" };
  expect(parseJobResult(JSON.stringify({ ...result, failure }), "r.json")).toEqual({ ...result, failure });
  for (const wrong of [
    result,
    { ...result, failure, value: {} },
    { ...result, failure, version: 2 },
    [],
    3,
  ]) {
    expect(() => parseJobResult(JSON.stringify(wrong), "r.json")).toThrow(SweepError);
  }
});

test("the version is that of the package", () => {
  const { version } = JSON.parse(readFileSync(join(import.meta.dirname, "../../package.json"), "utf8"));
  expect(VERSION).toBe(version);
});

test("a job that another version planned is refused in one line", async () => {
  const folder = mkdtempSync(join(tmpdir(), "version-"));
  const [path, out] = [join(folder, "job.json"), join(folder, "result.json")];
  writeFileSync(path, JSON.stringify({ ...JOB, lrfind: "0.0.9" }));
  const { failure } = await runJob(path, out);
  expect(failure!.message).toBe(
    `SweepError: this lrfind: expected version 0.0.9, which the sweep was planned by, got version ${VERSION}; try npm install lrfind@0.0.9 @lrfind/sweep@0.0.9 @lrfind/learner@0.0.9`,
  );
});
