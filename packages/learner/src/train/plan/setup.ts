import { wholePart } from "../../data/internal.js";
import type { TrainDataOptions } from "../options.js";
import type { TrainPlan } from "./train-plan.js";

/** What is trained, and in what portions. */
export type Setup = Pick<TrainPlan, "batchSize" | "epochs" | "loss" | "model">;

/** Widths of a table's hidden layers where nobody says. */
export const LAYERS: readonly number[] = [200, 100];

/**
 * Model, loss, batch size and epochs of a plan, as asked for or by the number of items.
 *
 * @param options.trained - Items that are trained on.
 */
export function setupOf(
  { kind, task }: Pick<TrainPlan, "kind" | "task">,
  { batchSize, epochs, layers = LAYERS, trained }: TrainDataOptions & { readonly trained: number },
): Setup {
  const size = batchSize ?? batchSizeFor(trained, kind);
  const steps = Math.max(1, Math.floor(trained / size));
  return {
    batchSize: size,
    epochs: epochs ?? Math.min(40, Math.max(10, Math.ceil(1500 / steps))),
    loss: task === "classification" ? "crossEntropy" : "mse",
    model: modelOf(kind, layers),
  };
}

/** Items that are trained on. */
export function trainedOf(items: number, validPct: number): number {
  return items - wholePart(validPct, items);
}

function batchSizeFor(trained: number, kind: TrainPlan["kind"]): number {
  // Batch-norm's statistics want some hundred steps, which few images in large batches do not give.
  if (kind === "images" && trained < 400) return Math.min(16, trained);
  // Few rows give some steps an epoch too.
  if (trained < 128) return Math.min(8, trained);
  if (trained < 4000) return 32;
  return trained < 16_000 ? 64 : 256;
}

function modelOf(kind: TrainPlan["kind"], layers: readonly number[]): string {
  if (kind === "images") return "three convolutions of 32, 64 and 128 channels";
  if (kind === "text") return "a bag of words, 32 numbers each";
  if (layers.length === 0) return "linear (--layers)";
  return `hidden layers of ${layers.join(" and ")} (--layers)`;
}

const LOSSES: Readonly<Record<TrainPlan["loss"], string>> = {
  crossEntropy: "cross-entropy (--task)",
  mse: "mean squared error (--task)",
};

/** The setup in a few lines, each with the flag that decides otherwise. */
export function setupLines(
  { batchSize, epochs, loss, model }: Setup,
  { lr, maxTime }: Pick<TrainDataOptions, "lr" | "maxTime">,
): string[] {
  const until = maxTime === undefined ? "" : ` within ${maxTime} s (--max-time)`;
  return [
    `model: ${model}; loss: ${LOSSES[loss]}`,
    `batches of ${batchSize} (--batch-size), up to ${epochs} ${epochs === 1 ? "epoch" : "epochs"} (--epochs)${until}, ${
      lr === undefined ? "at a rate that a search finds (--lr)" : `at a rate of ${lr}, as asked for`
    }`,
  ];
}
