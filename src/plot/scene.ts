import type { Curve, Suggestion } from "../finder/types.js";
import { formatRate } from "./format-rate.js";
import { type LossRange, lossRange } from "./loss-range.js";

/** What a picture is made from: an `LrFindResult`, or any recorded curve with suggestions for it. */
export interface Plottable {
  /** The curve that is drawn as the line. */
  readonly curve: Curve;
  /** Suggestions by the name of their suggester, in legend order. */
  readonly suggestions: Readonly<Record<string, Suggestion>>;
  /** The single runs behind the curve, where there were several: they are drawn as a band. */
  readonly runs?: readonly { readonly curve: Curve }[];
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
  /** `name rate`, or `name none`. */
  readonly label: string;
  readonly at: { readonly lr: number; readonly loss: number } | null;
}

/** Everything that a picture of a result shows, in data coordinates, before any drawing. */
export interface Scene {
  readonly points: readonly ScenePoint[];
  readonly band: readonly { readonly lr: number; readonly low: number; readonly high: number }[];
  readonly runCount: number;
  /** Rate intervals of the trimmed ends. */
  readonly trimmed: readonly { readonly from: number; readonly to: number }[];
  readonly marks: readonly SceneMark[];
  readonly lrDomain: readonly [number, number];
  readonly lossDomain: readonly [number, number];
  /** Whole sentences: why the test ended, what the axis cuts off, which suggesters had no answer. */
  readonly notes: readonly string[];
}

/** Points dropped at the end of the curve before the suggesters see it. */
const TRIMMED_AT_END = 5;

/**
 * Works out what a picture of a result shows: one source for the SVG, the PNG and the terminal, so that they
 * never tell different stories.
 *
 * A suggestion's dot stands at the suggested rate, on the smoothed curve (interpolated over log rate): the
 * point it was read from may lie elsewhere (`minimum` and `edge` divide its rate), but the reader is to see
 * how the loss behaved at the rate proposed. A dot that would fall outside the axes is moved to their edge.
 *
 * @param result - The result to draw.
 * @returns The scene; with nothing to draw, one without points, and a note that says so.
 *
 * @example
 * ```ts
 * sceneOf(await lrFind(trainer)).notes[0]; // "Diverged after 89 of 100 steps, at a rate of 1.1."
 * ```
 */
export function sceneOf(result: Plottable): Scene {
  const { curve } = result;
  const points = drawable(curve);
  const runs = (result.runs ?? []).map((run) => drawable(run.curve));
  const range = rangeOf(points, runs);
  const marks = Object.entries(result.suggestions).map(([name, suggestion]) =>
    placeMark(name, suggestion, points, range.domain),
  );
  return {
    points,
    band: runs.length > 1 ? bandOf(runs) : [],
    runCount: runs.length,
    trimmed: trimmedIntervals(points),
    marks,
    lrDomain: lrDomainOf(points, marks),
    lossDomain: range.domain,
    notes: [endSentence(curve), ...cutSentence(range), ...silentSentences(result.suggestions)],
  };
}

function drawable(curve: Curve): ScenePoint[] {
  const head = Math.floor(curve.numIt / 10);
  const tail = curve.lr.length - TRIMMED_AT_END;
  const finiteOrNull = (value: number | undefined) => (Number.isFinite(value) ? value! : null);
  return curve.lr.flatMap((lr, i) =>
    lr > 0 && lr < Number.POSITIVE_INFINITY
      ? {
          lr,
          raw: finiteOrNull(curve.loss[i]),
          smoothed: finiteOrNull(curve.smoothed[i]),
          kept: i >= head && i < tail,
        }
      : [],
  );
}

/** The loss axis that holds the curve's interesting part and that of every single run. */
function rangeOf(points: readonly ScenePoint[], runs: readonly (readonly ScenePoint[])[]): LossRange {
  const lossesOf = (line: readonly ScenePoint[]) => line.flatMap(({ smoothed }) => smoothed ?? []);
  const range = lossRange(
    lossesOf(points),
    points.flatMap(({ raw }) => raw ?? []),
  );
  if (range.extent === undefined) return range;
  let [low, high] = range.domain;
  for (const run of runs) {
    const { domain, extent } = lossRange(lossesOf(run), []);
    if (extent === undefined) continue;
    low = Math.min(low, domain[0]);
    high = Math.max(high, domain[1]);
  }
  return { ...range, domain: [low, high], cutAbove: range.cutAbove && range.extent[1] > high };
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

/** Lowest and highest smoothed loss at each rate that at least two runs reached. */
function bandOf(runs: readonly (readonly ScenePoint[])[]): Scene["band"] {
  const byRate = new Map<number, number[]>();
  for (const run of runs) {
    for (const { lr, smoothed } of run) {
      if (smoothed === null) continue;
      const losses = byRate.get(lr) ?? [];
      losses.push(smoothed);
      byRate.set(lr, losses);
    }
  }
  return [...byRate]
    .filter(([, losses]) => losses.length > 1)
    .sort(([a], [b]) => a - b)
    .map(([lr, losses]) => ({ lr, low: Math.min(...losses), high: Math.max(...losses) }));
}

function placeMark(
  name: string,
  suggestion: Suggestion,
  points: readonly ScenePoint[],
  [low, high]: readonly [number, number],
): SceneMark {
  if (suggestion.lr === null) return { name, label: `${name} none`, at: null };
  const loss = lossAt(suggestion.lr, points) ?? suggestion.point.loss;
  return {
    name,
    label: `${name} ${formatRate(suggestion.lr)}`,
    at: { lr: suggestion.lr, loss: Math.min(high, Math.max(low, Number.isFinite(loss) ? loss : high)) },
  };
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
  return high > low ? [low, high] : [low / Math.sqrt(10), high * Math.sqrt(10)];
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

function cutSentence({ domain, extent, cutAbove }: LossRange): string[] {
  if (extent === undefined || !cutAbove) return [];
  return [
    `The loss axis ends at ${Number(domain[1].toPrecision(3))}: the loss rose to ${shortLoss(extent[1])}.`,
  ];
}

function silentSentences(suggestions: Plottable["suggestions"]): string[] {
  const silent = Object.entries(suggestions).flatMap(([name, { lr }]) => (lr === null ? name : []));
  return silent.length > 0 ? [`No suggestion from ${silent.join(", ")}.`] : [];
}

function shortLoss(loss: number): string {
  return Math.abs(loss) < 10000
    ? String(Number(loss.toPrecision(3)))
    : loss.toExponential(1).replace("e+", "e");
}
