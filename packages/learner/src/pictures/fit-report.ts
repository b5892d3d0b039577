import type { SearchResult } from "lrfind";
import { arrayOf, type Checks, checkOptions, instanceOf, string } from "lrfind/core";
import { partsToHtml, type ReportPart, toHtml } from "lrfind/report";
import type { Learner } from "../learner/index.js";
import { epochTable } from "../learner/internal.js";
import { checkShow, SHOW, type ShowOptions } from "./items/show-options.js";
import { plotConfusionMatrix } from "./plot-confusion-matrix.js";
import { plotLoss, plotSched } from "./plot-loss.js";
import { plotTopLosses } from "./show-results.js";

/** What a report of a fit says, and of which items. */
export interface FitReportOptions extends ShowOptions {
  /** Its heading. @default "Training" */
  readonly title?: string;
  /** The search that found the rate, whose report stands first. @default none */
  readonly search?: SearchResult;
  /** The line that repeats the fit, shown to be copied. @default none */
  readonly command?: string;
  /** Sentences to show under the heading. @default none */
  readonly notes?: readonly string[];
  /** Parts of one's own, before those of the fit. @default none */
  readonly parts?: readonly ReportPart[];
}

const OPTIONS: Checks<FitReportOptions> = {
  ...SHOW,
  title: string,
  search: instanceOf(Object),
  command: string,
  notes: arrayOf(string),
  parts: arrayOf(instanceOf(Object)),
};

/**
 * A report of a learner's last fit: one HTML file that needs nothing else. It shows the losses step by
 * step, the confusion matrix, where the items have classes, the items with the largest losses, rate and momentum, and the epochs with
 * their losses and metrics; and, where the search is given, how the rate was found.
 *
 * @param learn - A learner, after a fit.
 * @param options - See `FitReportOptions`.
 * @returns The file's text.
 * @throws {OptionError} when an argument cannot be used.
 *
 * @example
 * ```ts
 * const search = await learn.lrFind();
 * await learn.fitOneCycle(5, { lrMax: search });
 * await writeFile("report.html", await fitToHtml(learn, { title: "Pets", search }));
 * ```
 */
export async function fitToHtml(learn: Learner, options: FitReportOptions = {}): Promise<string> {
  checkShow("fitToHtml", learn, {});
  checkOptions("fitToHtml", options, OPTIONS);
  const { maxN = 12, loader, signal, title = "Training", search, command, notes, parts = [] } = options;
  const { recorder } = learn;
  const sched = plotSched(recorder);
  const hasMomentum = recorder.moms.some((mom) => mom !== 0);
  const items = { ...(loader ? { loader } : {}), ...(signal ? { signal } : {}) };
  const all: ReportPart[] = [...parts, { heading: "Losses", picture: plotLoss(recorder) }];
  if (loader ?? learn.dls.valid) {
    if (hasClasses(learn)) {
      const matrix = await learn.confusionMatrix(items);
      all.push({ heading: "What is taken for what", picture: plotConfusionMatrix(matrix) });
    }
    all.push({
      heading: "The items that the model does worst on",
      picture: await plotTopLosses(learn, { ...items, maxN }),
    });
  }
  all.push(
    { heading: "Learning rate", picture: sched.lr },
    ...(hasMomentum ? [{ heading: "Momentum", picture: sched.mom }] : []),
    { heading: "Epochs", table: epochTable(recorder.epochs) },
  );
  const rest = { title, ...(command === undefined ? {} : { command }), ...(notes ? { notes } : {}) };
  return search === undefined ? partsToHtml(all, rest) : await toHtml(search, { ...rest, parts: all });
}

/** Whether an item is of one class, so that a confusion matrix can be counted. */
function hasClasses(learn: Learner): boolean {
  if (learn.dls.vocab === undefined) return false;
  const [first] = learn.dls.train.dataset.targets;
  return first !== undefined && !first.dtype.startsWith("float");
}
