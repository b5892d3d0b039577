import { readFileSync } from "node:fs";
import { type Curve, smooth } from "../../src/finder/index.js";

type Suggested = { readonly lr: number; readonly point: readonly [lr: number, loss: number] };

/** A real curve with the answers that fastai's own code gave for it. */
export interface FastaiCurve {
  readonly name: string;
  readonly numIt: number;
  readonly lr: readonly number[];
  readonly loss: readonly number[];
  readonly smoothed: readonly number[];
  readonly suggestions: Readonly<Record<"minimum" | "steep" | "valley" | "slide", Suggested>>;
}

/** A real training task: range tests, and how well training then went at a grid of rates. */
export interface Task {
  readonly task: string;
  readonly kind: "main" | "stress";
  readonly initialLoss: readonly number[];
  readonly curves: readonly {
    readonly seed: number;
    readonly numIt: number;
    readonly lr: readonly number[];
    readonly loss: readonly (number | "NaN")[];
    readonly edge: { readonly lr: number; readonly kind: "edge" | "flat" };
  }[];
  readonly grid: readonly number[];
  readonly oneCycle: readonly (readonly (number | "NaN")[])[];
}

function read(name: string) {
  return JSON.parse(readFileSync(new URL(`../fixtures/${name}.json`, import.meta.url), "utf8"));
}

export const fastaiCurves: readonly FastaiCurve[] = read("fastai-suggestions").curves;
export const tasks: readonly Task[] = read("tasks").tasks;

/** A task's recorded range test as a curve, smoothed by our own smoothing. */
export function curveOf({ numIt, lr, loss }: Task["curves"][number]): Curve {
  const losses = loss.map(Number);
  return {
    numIt,
    stop: lr.length < numIt ? "diverged" : "completed",
    lr,
    loss: losses,
    smoothed: smooth(losses),
  };
}

/** A curve over 1e-7 … 10 of given losses, smoothed unless told otherwise. */
export function curveFrom(loss: readonly number[], options: Partial<Curve> = {}): Curve {
  const numIt = Math.max(6, loss.length);
  const lr = loss.map((_, i) => 1e-7 * 1e8 ** (i / numIt));
  return { numIt, stop: "completed", lr, loss, smoothed: smooth(loss), ...options };
}
