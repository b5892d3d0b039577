import { type Check, checkArgument } from "lrfind/core";
import { type ChartLine, drawLineChart, type LineChart, textChart } from "lrfind/draw";
import type { Recorder } from "../learner/index.js";
import { CHART_ROWS, CHART_SIZE, lossesChart, numbered } from "../learner/internal.js";
import { type Picture, pictureOf } from "./picture.js";

/** What a fit recorded. */
const RECORDER: Check = {
  expected: "a learner's recorder",
  accepts(value) {
    const { losses, weights, smoothedLosses, lrs, moms, epochs } = Object(value) as Partial<Recorder>;
    return [losses, weights, smoothedLosses, lrs, moms, epochs].every(Array.isArray);
  },
  hint: () => "learn.recorder, after a fit",
};

/**
 * The losses of the last fit: of each mini-batch, smoothed, and, at the end of each epoch, of the validation set.
 *
 * @param recorder - `learn.recorder`, after a fit.
 * @throws {OptionError} when it is none.
 *
 * @example
 * ```ts
 * await learn.fitOneCycle(5);
 * console.log(plotLoss(learn.recorder).toTerminal());
 * await writeFile("losses.svg", plotLoss(learn.recorder).toSvg());
 * ```
 *
 * Source: fastai's `Recorder.plot_loss`.
 */
export function plotLoss(recorder: Recorder): Picture {
  checkArgument("plotLoss", "recorder", recorder, RECORDER);
  return chartPicture("plotLoss", lossesChart(recorder));
}

/**
 * The learning rate of each step of the last fit, a line for each parameter group whose rate is another's; and the momentum.
 *
 * @param recorder - `learn.recorder`, after a fit.
 * @returns Two pictures, that of the rates and that of the momentum.
 * @throws {OptionError} when it is none.
 *
 * @example
 * ```ts
 * const { lr, mom } = plotSched(learn.recorder);
 * console.log(lr.toTerminal(), mom.toTerminal());
 * ```
 *
 * Source: fastai's `Recorder.plot_sched`.
 */
export function plotSched(recorder: Recorder): { readonly lr: Picture; readonly mom: Picture } {
  checkArgument("plotSched", "recorder", recorder, RECORDER);
  const { lrs, moms } = recorder;
  const groups = lrs[0]?.length ?? 0;
  const columns = Array.from({ length: groups }, (_, group) => lrs.map((rates) => rates[group]!));
  const isSame = columns.every((column) => column.every((lr, i) => lr === columns[0]![i]));
  const lines = (isSame ? columns.slice(0, 1) : columns).map(
    (column, i): ChartLine => ({ name: isSame ? "learning rate" : `group ${i}`, points: numbered(column) }),
  );
  const note = lrs.length === 0 ? "No step was made." : `${lrs.length} steps`;
  return {
    lr: chartPicture("plotSched", {
      title: "Learning rate",
      note,
      xLabel: "step",
      yLabel: "learning rate",
      lines,
    }),
    mom: chartPicture("plotSched", {
      title: "Momentum",
      note,
      xLabel: "step",
      yLabel: "momentum",
      lines: [{ name: "momentum", points: numbered(moms) }],
    }),
  };
}

function chartPicture(where: string, chart: LineChart): Picture {
  return pictureOf({
    where,
    ...CHART_SIZE,
    draw: () => drawLineChart(chart, CHART_SIZE, chart.title.toLowerCase().replaceAll(" ", "-")),
    text: (columns) => textChart(chart, { columns, rows: CHART_ROWS }),
  });
}
