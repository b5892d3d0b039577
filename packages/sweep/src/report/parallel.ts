import { AXIS, element, headed, label, moved, shortenedToPixels, svgDocument } from "lrfind/draw";

/** An upright axis: where each line crosses it, and what stands beside it. */
export interface ParallelAxis {
  readonly name: string;
  /** For each line, from 0, the bottom, to 1. */
  readonly places: readonly number[];
  readonly labels: readonly { readonly at: number; readonly text: string }[];
}

/** Lines across upright axes, one for each combination. */
export interface Parallel {
  readonly title: string;
  readonly note: string;
  readonly axes: readonly ParallelAxis[];
  /** How good each line is, from 0 to 1. */
  readonly goodness: readonly number[];
}

const HEAD = 84;
const HEIGHT = 230;
const GAP = 130;

/** The lines as a picture, the best in front and in colour. */
export function parallel({ title, note, axes, goodness }: Parallel): string {
  const width = Math.max(420, 60 + GAP * (axes.length - 1) + 110);
  const height = HEAD + HEIGHT + 24;
  const x = (axis: number) => 50 + GAP * axis;
  const y = (place: number) => HEAD + HEIGHT * (1 - place);
  const text = (attributes: Readonly<Record<string, string | number>>, content: string) =>
    label(content, { "font-size": 12, ...attributes });
  const order = goodness.map((_, i) => i).sort((a, b) => goodness[a]! - goodness[b]!);
  const best = order.at(-1);
  const lines = order.map((i) =>
    element("path", {
      class: i === best ? "line best" : "line",
      d: axes
        .map(({ places }, axis) => `${axis === 0 ? "M" : "L"}${x(axis)},${y(places[i]!).toFixed(1)}`)
        .join(""),
      fill: "none",
      stroke: i === best ? "#D55E00" : "#0072B2",
      "stroke-opacity": i === best ? 1 : (0.12 + 0.5 * goodness[i]!).toFixed(2),
      "stroke-width": i === best ? 3 : 1.6,
    }),
  );
  return svgDocument(
    { width, height },
    headed(
      { title, note, width, height },
      ...lines,
      ...axes.flatMap(({ name, labels }, axis) => [
        element("path", {
          class: "domain",
          d: `M0,0V${HEIGHT}`,
          transform: moved(x(axis), HEAD),
          stroke: AXIS,
        }),
        text(
          { x: x(axis), y: HEAD - 12, "text-anchor": "middle", "font-weight": 700 },
          shortenedToPixels(name, 12, GAP - 14),
        ),
        ...labels.map((label) =>
          text({ x: x(axis) + 6, y: y(label.at) + 4 }, shortenedToPixels(label.text, 12, GAP - 20)),
        ),
      ]),
    ),
  );
}
