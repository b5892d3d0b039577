import { formatLoss, plainText } from "lrfind/core";
import type { EpochRecord } from "./epoch-record.js";

/** The epochs of a fit as a table of texts: losses, metrics, and the time each took. */
export function epochTable(records: readonly EpochRecord[]): {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
} {
  const names = [...new Set(records.flatMap(({ metrics }) => Object.keys(metrics)))];
  const hasValid = records.some(({ validLoss }) => validLoss !== undefined);
  return {
    columns: [
      "epoch",
      "training loss",
      ...(hasValid ? ["validation loss"] : []),
      ...names.map(plainText),
      "time",
    ],
    rows: records.map(({ epoch, trainLoss, validLoss, metrics, durationMs }) => [
      String(epoch),
      formatLoss(trainLoss),
      ...(hasValid ? [validLoss === undefined ? "" : formatLoss(validLoss)] : []),
      ...names.map((name) => (metrics[name] === undefined ? "" : formatLoss(metrics[name]))),
      `${(durationMs / 1000).toFixed(1)} s`,
    ]),
  };
}
