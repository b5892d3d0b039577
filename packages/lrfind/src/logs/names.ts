/** The words of a column's name: `"lr-AdamW/pg1"` is lr, adamw, pg1; `"trainLoss"` is train, loss. */
export function wordsOf(name: string): string[] {
  return name
    .slice(0, 200)
    .replaceAll(/([a-z])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== "");
}

const LOSSES = new Set(["loss", "losses", "trl", "nll"]);
const EVALUATION = new Set(["val", "valid", "validation", "eval", "evaluation", "test", "dev", "tel"]);
/** Words that leave a loss what it is. */
const NEUTRAL = new Set(["train", "training", "total", "batch", "step", "run", "metrics", "running"]);
/** What sums several steps up, or compares. */
const SUMMARIES = new Set([
  "epoch",
  "avg",
  "average",
  "mean",
  "best",
  "min",
  "max",
  "smooth",
  "smoothed",
  "std",
]);

/** Whether a column's name says that it holds a loss, of whatever kind. */
export function isLossName(name: string): boolean {
  return wordsOf(name).some((word) => LOSSES.has(word));
}

/**
 * How far a column is from "the training's loss of each step": 0 for `loss` and `train/loss`, more for parts of a loss
 * (`loss_cls`), means of an epoch, and losses of an evaluation; undefined for what is no loss.
 */
export function lossDistance(name: string): number | undefined {
  const words = wordsOf(name);
  if (!words.some((word) => LOSSES.has(word))) return undefined;
  return words.reduce((sum, word) => {
    if (LOSSES.has(word) || NEUTRAL.has(word)) return sum;
    if (EVALUATION.has(word)) return sum + 100;
    return sum + (SUMMARIES.has(word) ? 10 : 3);
  }, 0);
}

/** Whether a column's name says that it holds a learning rate: `lr`, `lr-AdamW`, `x/lr0`, `learning_rate`. */
export function isRateName(name: string): boolean {
  const words = wordsOf(name);
  if (words.some((word) => SUMMARIES.has(word))) return false;
  return words.some(
    (word, i) => /^lrs?\d*$/.test(word) || (word === "learning" && /^rates?$/.test(words[i + 1] ?? "")),
  );
}

/** The columns that number the steps, the best first; epochs where nothing finer is there. */
const STEPS = ["step", "_step", "global_step", "iteration", "iter", "it", "s", "i", "batch", "epoch"];

/** How good a column is for numbering the steps, 0 the best; undefined for others. */
export function stepRank(name: string): number | undefined {
  const rank = STEPS.indexOf(name.toLowerCase().trim());
  return rank < 0 ? undefined : rank;
}
