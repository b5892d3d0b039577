import { formatLoss, formatRate, plainText } from "../../core/index.js";
import { textRows } from "../../draw/index.js";
import type { SweepRow } from "../doors/sweep.js";

/** The rows as lines: each axis, the rate, epochs and score, the best first; more than `most` nobody reads. */
export function tableLines(rows: readonly SweepRow[], columns: number, most: number): string[] {
  const axes = [...new Set(rows.flatMap(({ point }) => Object.keys(point.config)))];
  const cells = rows
    .slice(0, most)
    .map(({ point, lr, epochs, score, scores, failure }) => [
      ...axes.map((name) => plainText(String(point.config[name] ?? ""))),
      lr === undefined ? rateWords(point.rate) : formatRate(lr),
      epochs === 0 ? "" : String(epochs),
      failure === undefined
        ? score === undefined
          ? ""
          : scoreWords(score, scores)
        : `failed: ${plainText(failure)}`,
    ]);
  const more = rows.length > most ? [`… and ${rows.length - most} more`] : [];
  return [...textRows([[...axes.map(plainText), "lr", "epochs", "score"], ...cells], columns), ...more];
}

/** A combination in words. */
export function wordsOf({ point, lr }: SweepRow): string {
  const config = Object.entries(point.config).map(
    ([name, value]) => `${plainText(name)} ${plainText(String(value))}`,
  );
  return [`lr ${lr === undefined ? "unknown" : formatRate(lr)}`, ...config].join(", ");
}

function rateWords({ lr, factor }: SweepRow["point"]["rate"]): string {
  return lr === undefined ? `found × ${factor}` : formatRate(lr);
}

/** A score, and how far the seeds' lie apart. */
function scoreWords(score: number, scores: readonly number[]): string {
  const mean = formatLoss(score);
  return scores.length < 2
    ? mean
    : `${mean} (${formatLoss(Math.min(...scores))} to ${formatLoss(Math.max(...scores))})`;
}
