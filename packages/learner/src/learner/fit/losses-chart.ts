import { formatLoss } from "lrfind/core";
import type { ChartLine, LineChart } from "lrfind/draw";
import type { Recorder } from "./recorder.js";

/** The size of a chart in a picture, in pixels, and its rows as text. */
export const CHART_SIZE = { width: 760, height: 380 };
export const CHART_ROWS = 20;
/** More points than this per line are thinned evenly: no screen shows them. */
const MAX_POINTS = 1500;

/** The losses of a fit: of each mini-batch, smoothed, and, at the end of each epoch, of the validation set. */
export function lossesChart({ losses, smoothedLosses, epochs }: Recorder): LineChart {
  const perEpoch = epochs.length === 0 ? losses.length : losses.length / epochs.length;
  const valid = epochs.flatMap(({ validLoss }, i): [number, number][] =>
    validLoss === undefined ? [] : [[Math.round((i + 1) * perEpoch), validLoss]],
  );
  const last = valid.at(-1)?.[1];
  const lines: ChartLine[] = [
    { name: "smoothed loss", points: numbered(smoothedLosses) },
    ...(valid.length > 0 ? [{ name: "validation loss", points: valid }] : []),
    { name: "mini-batch loss", points: numbered(losses), isFaint: true },
  ];
  const held =
    last === undefined
      ? ""
      : `, validation loss ${Number.isFinite(last) ? formatLoss(last) : "not finite"} at the end`;
  const note =
    losses.length === 0
      ? "No step was made."
      : `${losses.length} steps, ${epochs.length} ${epochs.length === 1 ? "epoch" : "epochs"}${held}`;
  return { title: "Losses", note, xLabel: "step", yLabel: "loss", lines };
}

/** Values over their numbers from 1, thinned evenly. */
export function numbered(values: readonly number[]): [number, number][] {
  const stride = Math.ceil(values.length / MAX_POINTS);
  return values.flatMap((value, i): [number, number][] =>
    stride <= 1 || i % stride === 0 || i === values.length - 1 ? [[i + 1, value]] : [],
  );
}
