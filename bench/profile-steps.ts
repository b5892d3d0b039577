import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeModel } from "@lrfind/engine";
import ort from "onnxruntime-node";
import { ortOptions } from "../packages/engine/src/runtime/direct-session.js";
import type { Case } from "./cases.js";
import { median } from "./median.js";
import { firstFeeds, trainingGraphOf } from "./our-steps.js";

/** Where the time of a training step goes. */
export interface StepProfile {
  /** Median time of the step in ONNX Runtime, in ms. */
  readonly step: number;
  /** Of that, in convolutions and matrix products. */
  readonly heavy: number;
  /** Time by operator, the largest first. */
  readonly byOperator: readonly { readonly op: string; readonly ms: number; readonly count: number }[];
}

interface ProfileEvent {
  readonly cat: string;
  readonly name: string;
  readonly dur: number;
  readonly ts: number;
  readonly args?: { readonly op_name?: string };
}

const HEAVY = /^(Fused)?(Conv|ConvTranspose|MatMul|Gemm)$/;

/** Runs some steps under ONNX Runtime's profiler. */
export async function profileSteps(
  bench: Case,
  { threads, steps }: { readonly threads: number; readonly steps: number },
): Promise<StepProfile> {
  const folder = mkdtempSync(join(tmpdir(), "lrfind-profile-"));
  try {
    const training = trainingGraphOf(bench);
    const session = await ort.InferenceSession.create(encodeModel(training.graph), {
      ...ortOptions("cpu", threads),
      enableProfiling: true,
      profileFilePrefix: join(folder, "profile"),
    });
    const feeds: Record<string, ort.Tensor> = {};
    for (const [name, { dtype, data, shape }] of Object.entries(firstFeeds(bench, training))) {
      feeds[name] = new ort.Tensor(dtype as "float32", data as Float32Array, shape);
    }
    for (let i = 0; i < 3 + steps; i++) await session.run(feeds);
    session.endProfiling();
    await session.release();
    return summarize(readEvents(folder), steps);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function readEvents(folder: string): ProfileEvent[] {
  const file = readdirSync(folder)[0];
  if (file === undefined) throw new Error("ONNX Runtime wrote no profile");
  return JSON.parse(readFileSync(join(folder, file), "utf8")) as ProfileEvent[];
}

/** Medians over the last `steps` runs; the ones before warm up. */
function summarize(events: readonly ProfileEvent[], steps: number): StepProfile {
  const runs = events.filter(({ name }) => name === "model_run").slice(-steps);
  const profiles = runs.map((run) => {
    const times = new Map<string, { ms: number; count: number }>();
    for (const { cat, name, ts, dur, args } of events) {
      if (cat !== "Node" || !name.endsWith("_kernel_time") || ts < run.ts || ts > run.ts + run.dur) continue;
      const op = args?.op_name ?? "?";
      const { ms = 0, count = 0 } = times.get(op) ?? {};
      times.set(op, { ms: ms + dur / 1000, count: count + 1 });
    }
    return { step: run.dur / 1000, times };
  });
  const byOperator = [...profiles[0]!.times]
    .map(([op, { count }]) => ({
      op,
      count,
      ms: median(profiles.map(({ times }) => times.get(op)?.ms ?? 0)),
    }))
    .sort((a, b) => b.ms - a.ms);
  const heavy = byOperator.filter(({ op }) => HEAVY.test(op)).reduce((sum, { ms }) => sum + ms, 0);
  return { step: median(profiles.map(({ step }) => step)), heavy, byOperator };
}
