import type { EpochRecord } from "@lrfind/learner";
import type { Curve, Suggestion } from "lrfind";
import { SweepError } from "./errors.js";

/** That a module, the axes and the measure fit together. */
export interface CheckValue {
  readonly kind: "check";
  /** The learner's parameters. */
  readonly parameters: number;
}

/** What a range test came to. */
export interface SearchValue {
  readonly kind: "search";
  /** The suggester's rate; null where it has none. */
  readonly lr: number | null;
  /** Why there is none. */
  readonly reason?: string;
  readonly suggestions: Readonly<Record<string, Suggestion>>;
  readonly curve: Curve;
  readonly steps: number;
}

/** What a training came to. */
export interface FitValue {
  readonly kind: "fit";
  readonly records: readonly Omit<EpochRecord, "durationMs">[];
  /** The measure that decides, of the best epoch. */
  readonly best: number;
  /** The same of the last epoch. */
  readonly last: number;
  readonly better: "smaller" | "larger";
  readonly steps: number;
}

/** A job's result in a file. */
export interface JobResult {
  readonly format: "lrfind-job-result";
  readonly version: 1;
  /** The job's name. */
  readonly hash: string;
  /** What came out, the same bit for bit wherever the job ran; absent where it failed. */
  readonly value?: CheckValue | SearchValue | FitValue;
  /** Why it failed: the error, and the end of what the process printed. */
  readonly failure?: { readonly message: string; readonly tail: string };
  readonly durationMs: number;
  /** lrfind's version, Node's, and the machine's name. */
  readonly made: { readonly lrfind: string; readonly node: string; readonly host: string };
}

/** Reads a result's file. @throws {SweepError} when it is none. */
export function parseJobResult(text: string, where: string): JobResult {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new SweepError(
      { where, expected: "a job's result as JSON", got: (cause as Error).message },
      { cause },
    );
  }
  return jobResultOf(json, where);
}

/** A result as JSON says it. @throws {SweepError} when it is none. */
export function jobResultOf(json: unknown, where: string): JobResult {
  const { format, version, hash, value, failure, durationMs } = Object(json) as Partial<JobResult>;
  const isResult =
    format === "lrfind-job-result" &&
    version === 1 &&
    typeof hash === "string" &&
    typeof durationMs === "number" &&
    (value === undefined) !== (failure === undefined);
  if (!isResult) {
    const got = format === "lrfind-job-result" ? `version ${version}, or a part of one` : "something else";
    throw new SweepError({ where, expected: "a job's result, version 1", got });
  }
  return json as JobResult;
}
