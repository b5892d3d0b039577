import { formatLoss, formatRate, plainText } from "../core/index.js";
import {
  type Band,
  type Curve,
  type LossOn,
  type Spread,
  type Suggestion,
  trimCurve,
} from "../finder/index.js";
import { type LossRange, lossRange } from "./loss-range.js";

/** What one picture is made from: a result, one of its groups, or a recorded curve with suggestions. */
export interface PlottableFinding {
  /** The curve that is drawn as the line. */
  readonly curve: Curve;
  /** Suggestions by the name of their suggester, in legend order. */
  readonly suggestions: Readonly<Record<string, Suggestion>>;
  /** The runs behind the curve, where there were several: a band, and the suggestions' intervals. */
  readonly runs?: {
    readonly each: readonly unknown[];
    readonly band: Band;
    readonly spread: Readonly<Record<string, Spread>>;
  };
  /** Which loss was recorded; by default that of the mini-batches. */
  readonly lossOn?: LossOn;
  /** The parameter group that was swept alone. */
  readonly group?: string;
}

/** A result with a finding per parameter group: one picture under the other. */
export interface PlottableGroups {
  /** At least one. */
  readonly groups: readonly PlottableFinding[];
  /** Which loss was recorded. */
  readonly lossOn?: LossOn;
}

/** What can be drawn. */
export type Plottable = PlottableFinding | PlottableGroups;

/** The findings of a result, each of which is a picture: one, or one per parameter group. */
export function findingsOf(result: Plottable): readonly PlottableFinding[] {
  if (!("groups" in result)) return [result];
  const { groups, lossOn } = result;
  return groups.map((finding) => (lossOn === undefined ? finding : { ...finding, lossOn }));
}

/** A step that can be drawn: positive finite rate. `raw` and `smoothed` are null where not finite. */
export interface ScenePoint {
  readonly lr: number;
  readonly raw: number | null;
  readonly smoothed: number | null;
  /** False in the trimmed ends, which the smoothed-curve suggesters do not see. */
  readonly kept: boolean;
}

/** A suggestion in the picture: `at` is its dot, or null where it has no answer. */
export interface SceneMark {
  readonly name: string;
  /** `name rate`, with the interval over several runs in parentheses; or `name none`. */
  readonly label: string;
  readonly at: { readonly lr: number; readonly loss: number } | null;
}

/** Everything that a picture of a result shows, in data coordinates, before any drawing. */
export interface Scene {
  readonly points: readonly ScenePoint[];
  readonly band: readonly { readonly lr: number; readonly low: number; readonly high: number }[];
  readonly runCount: number;
  /** What the raw losses are. */
  readonly rawName: string;
  /** Rate intervals of the trimmed ends. */
  readonly trimmed: readonly { readonly from: number; readonly to: number }[];
  readonly marks: readonly SceneMark[];
  readonly lrDomain: readonly [number, number];
  readonly lossDomain: readonly [number, number];
  /** Whole sentences: why the test ended, what the axis cuts off, which suggesters had no answer. */
  readonly notes: readonly string[];
}

/**
 * Works out what a picture of a result shows: one source for the SVG, the PNG and the terminal, so that they
 * never tell different stories.
 *
 * A suggestion's dot stands at the suggested rate, on the smoothed curve (interpolated over log rate): the
 * point it was read from may lie elsewhere (`minimum` and `edge` divide its rate), but the reader is to see
 * how the loss behaved at the rate proposed. A dot that would fall outside the axes is moved to their edge.
 *
 * @param result - The finding to draw.
 * @returns The scene; with nothing to draw, one without points, and a note that says so.
 *
 * @example
 * ```ts
 * sceneOf(await lrFind(trainer)).notes[0]; // "Diverged after 89 of 100 steps, at a rate of 1.1."
 * ```
 */
export function sceneOf(result: PlottableFinding): Scene {
  const { curve } = result;
  const points = drawable(curve);
  const band = bandRows(result.runs?.band);
  const range = rangeOf(points, band);
  const marks = Object.entries(result.suggestions).map(([name, suggestion]) => ({
    name: plainText(name),
    label: labelOf(plainText(name), suggestion, result.runs?.spread[name]),
    at: placeOf(suggestion, points, range.domain),
  }));
  return {
    points,
    band,
    rawName: result.lossOn === "validation" ? "validation loss" : "mini-batch loss",
    runCount: result.runs?.each.length ?? 1,
    trimmed: trimmedIntervals(points),
    marks,
    lrDomain: lrDomainOf(points, marks),
    lossDomain: range.domain,
    notes: [
      ...groupSentence(result),
      endSentence(curve),
      ...cutSentence(range, curve),
      ...silentSentences(result.suggestions),
    ],
  };
}

function drawable(curve: Curve): ScenePoint[] {
  const { from, to } = trimCurve(curve);
  const finiteOrNull = (value: number | undefined) => (Number.isFinite(value) ? bounded(value!) : null);
  return curve.lr.flatMap((lr, i) =>
    lr > 0 && lr < Number.POSITIVE_INFINITY
      ? {
          lr,
          raw: finiteOrNull(curve.loss[i]),
          smoothed: finiteOrNull(curve.smoothed[i]),
          kept: i >= from && i < to,
        }
      : [],
  );
}

/** A loss small enough that differences of losses do not overflow; what is cut lies off the axis anyway. */
function bounded(loss: number): number {
  return Math.max(-1e100, Math.min(1e100, loss));
}

function bandRows(band: Band | undefined): Scene["band"] {
  if (band === undefined) return [];
  return band.lr.flatMap((lr, i) => {
    const row = { lr, low: bounded(band.low[i]!), high: bounded(band.high[i]!) };
    return lr > 0 && Number.isFinite(row.low) && Number.isFinite(row.high) ? row : [];
  });
}

/** The loss axis that holds the interesting part of the curve and of the band's two edges. */
function rangeOf(points: readonly ScenePoint[], band: Scene["band"]): LossRange {
  const range = lossRange(
    points.flatMap(({ smoothed }) => smoothed ?? []),
    points.flatMap(({ raw }) => raw ?? []),
  );
  if (range.extent === undefined || band.length === 0) return range;
  const lowEdge = lossRange(
    band.map(({ low }) => low),
    [],
  ).domain;
  const highEdge = lossRange(
    band.map(({ high }) => high),
    [],
  ).domain;
  const domain = [Math.min(range.domain[0], lowEdge[0]), Math.max(range.domain[1], highEdge[1])] as const;
  return { ...range, domain, cutAbove: range.cutAbove && range.extent[1] > domain[1] };
}

/** The trimmed ends as intervals whose inner borders are the first and last kept point. */
function trimmedIntervals(points: readonly ScenePoint[]): Scene["trimmed"] {
  if (points.length === 0) return [];
  const first = points[0]!.lr;
  const last = points.at(-1)!.lr;
  const kept = points.filter((point) => point.kept);
  if (kept.length === 0) return [{ from: first, to: last }];
  const ends = [
    { from: first, to: kept[0]!.lr },
    { from: kept.at(-1)!.lr, to: last },
  ];
  return ends.filter(({ from, to }) => to > from);
}

function labelOf(name: string, { lr }: Suggestion, spread: Spread | undefined): string {
  if (lr === null) return `${name} none`;
  const [low, high] = [spread?.low ?? lr, spread?.high ?? lr];
  const interval = high > low ? ` (${formatRate(low)} to ${formatRate(high)})` : "";
  return `${name} ${formatRate(lr)}${interval}`;
}

function placeOf(
  suggestion: Suggestion,
  points: readonly ScenePoint[],
  [low, high]: readonly [number, number],
): SceneMark["at"] {
  if (suggestion.lr === null) return null;
  const loss = lossAt(suggestion.lr, points) ?? suggestion.point.loss;
  return { lr: suggestion.lr, loss: Math.min(high, Math.max(low, Number.isFinite(loss) ? loss : high)) };
}

/** The smoothed loss at a rate, linear in log rate; the nearest end outside the curve. */
function lossAt(lr: number, points: readonly ScenePoint[]): number | undefined {
  let before: { lr: number; loss: number } | undefined;
  for (const { lr: rate, smoothed } of points) {
    if (smoothed === null) continue;
    if (rate >= lr) {
      if (before === undefined || rate === lr) return smoothed;
      const share = Math.log(lr / before.lr) / Math.log(rate / before.lr);
      return before.loss + share * (smoothed - before.loss);
    }
    before = { lr: rate, loss: smoothed };
  }
  return before?.loss;
}

/** From the first to the last rate, wide enough for every dot; never of zero width. */
function lrDomainOf(points: readonly ScenePoint[], marks: readonly SceneMark[]): [number, number] {
  let low = Number.POSITIVE_INFINITY;
  let high = 0;
  for (const lr of [...points.map((point) => point.lr), ...marks.flatMap(({ at }) => at?.lr ?? [])]) {
    if (lr < low) low = lr;
    if (lr > high) high = lr;
  }
  if (high === 0) return [1e-7, 10];
  return high > low * (1 + 1e-6) ? [low, high] : [low / Math.sqrt(10), high * Math.sqrt(10)];
}

function groupSentence({ group }: PlottableFinding): string[] {
  return group === undefined ? [] : [`Parameter group ${plainText(group)}, swept alone.`];
}

function endSentence({ numIt, stop, lr }: Curve): string {
  const made = lr.length;
  if (made === 0) return "No step was recorded: there is nothing to draw.";
  const where = `after ${made} of ${numIt} steps, at a rate of ${formatRate(lr[made - 1]!)}`;
  switch (stop) {
    case "completed":
      return `Completed all ${numIt} steps, up to a rate of ${formatRate(lr[made - 1]!)}.`;
    case "diverged":
      return `Diverged ${where}.`;
    case "nonFinite":
      return `Stopped by a loss that is not finite, ${where}.`;
    case "aborted":
      return `Aborted ${where}.`;
  }
}

function cutSentence({ domain, extent, cutAbove }: LossRange, { loss, smoothed }: Curve): string[] {
  if (extent === undefined || !cutAbove) return [];
  // Of the measured losses: those that are drawn have been brought near.
  const finite = [...loss, ...smoothed].filter(Number.isFinite);
  const highest = finite.reduce((a, b) => Math.max(a, b));
  return [`The loss axis ends at ${formatLoss(domain[1])}: the loss rose to ${formatLoss(highest)}.`];
}

function silentSentences(suggestions: PlottableFinding["suggestions"]): string[] {
  const silent = Object.entries(suggestions).flatMap(([name, { lr }]) => (lr === null ? name : []));
  return silent.length > 0 ? [`No suggestion from ${silent.map(plainText).join(", ")}.`] : [];
}
