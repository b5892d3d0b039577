import type { Baselines } from "./baselines.js";
import type { TrainPlan } from "./plan/train-plan.js";

/** Whether a model is better than what one would try first. */
export function isBetter(metric: number, { measure, constant, linear }: Baselines): boolean {
  const others = linear === null ? [constant] : [constant, linear];
  return others.every((other) => (measure === "accuracy" ? metric > other : metric < other));
}

/** The comparison, a line each. */
export function comparison(
  { kind }: Pick<TrainPlan, "kind">,
  metric: number,
  baselines: Baselines,
): string[] {
  const { measure, constant, constantWords, linear } = baselines;
  const row = (name: string, value: number | null) =>
    `  ${(value === null ? "none" : value.toPrecision(4)).padStart(9)}  ${name}`;
  return [
    `${measure} on what was held out:`,
    row("this model", metric),
    ...(kind === "text"
      ? ["             (a bag of words is a linear model)"]
      : [row("a linear model", linear)]),
    row(constantWords, constant),
    ...(isBetter(metric, baselines)
      ? []
      : ["! It is no better than what one would try first: do not use it as it is."]),
  ];
}
