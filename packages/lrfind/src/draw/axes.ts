import { AXIS, GRID } from "./palette.js";
import { element, label, moved } from "./svg.js";

/** A number on an axis. */
export interface Tick {
  readonly value: number;
  readonly label: string;
}

/** An axis of a plot. */
export interface Axis {
  /** What the numbers are. */
  readonly name: string;
  readonly ticks: readonly Tick[];
  /** From the plot's edge to the line of the name, in pixels. */
  readonly nameAt: number;
  /** Where a value lies, in pixels of the plot. */
  place(value: number): number;
}

/** The plot that an axis stands at, in pixels. */
interface PlotSize {
  readonly width: number;
  readonly height: number;
}

/** The axis under a plot, with its grid. */
export function axisBelow({ name, ticks, nameAt, place }: Axis, { width, height }: PlotSize): string {
  const marks = ticks.map(({ value, label: text }) => {
    const at = crisp(place(value));
    return [
      element("path", { class: "grid", d: `M0,0V${height}`, transform: moved(at, 0), stroke: GRID }),
      element("path", { class: "tick", d: "M0,0V5", transform: moved(at, height), stroke: AXIS }),
      label(text, { x: at, y: height + 18, "text-anchor": "middle" }),
    ].join("");
  });
  return element(
    "g",
    { class: "axis", "font-size": 12 },
    ...marks,
    element("path", { class: "domain", d: `M0,${height + 0.5}H${width}`, stroke: AXIS }),
    label(name, { x: width / 2, y: height + nameAt, "text-anchor": "middle", "font-size": 13 }),
  );
}

/** The axis at the left of a plot, with its grid. */
export function axisLeft({ name, ticks, nameAt, place }: Axis, { width, height }: PlotSize): string {
  const marks = ticks.map(({ value, label: text }) => {
    const at = crisp(place(value));
    return [
      element("path", { class: "grid", d: `M0,0H${width}`, transform: moved(0, at), stroke: GRID }),
      element("path", { class: "tick", d: "M-5,0H0", transform: moved(0, at), stroke: AXIS }),
      label(text, { x: -8, y: at + 4, "text-anchor": "end" }),
    ].join("");
  });
  return element(
    "g",
    { class: "axis", "font-size": 12 },
    ...marks,
    label(name, {
      transform: `${moved(-nameAt, height / 2)} rotate(-90)`,
      "text-anchor": "middle",
      "font-size": 13,
    }),
  );
}

/** The middle of a pixel: lines of one pixel's width are sharp there. */
function crisp(place: number): number {
  return Math.round(place) + 0.5;
}
