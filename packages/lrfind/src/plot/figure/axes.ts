import { formatRate } from "../../core/index.js";
import { element, escaped, lossTicks, moved, rateTicks } from "../../draw/index.js";
import { INK } from "./legend.js";

const GRID = "#e4e7eb";
const DOMAIN = "#8c959f";
/** The room that a rate's label wants, in pixels. */
const LABEL = 40;

interface Frame {
  readonly width: number;
  readonly height: number;
}

/** The axis of rates under a plot, with its grid. */
export function drawRateAxis(
  domain: readonly [number, number],
  { width, height, x }: Frame & { x(lr: number): number },
): string {
  const ticks = rateTicks(domain, Math.max(2, Math.min(12, Math.floor(width / LABEL)))).map((rate) => {
    const at = crisp(x(rate));
    return [
      element("path", { class: "grid", d: `M0,0V${height}`, transform: moved(at, 0), stroke: GRID }),
      element("path", { class: "tick", d: "M0,0V5", transform: moved(at, height), stroke: DOMAIN }),
      label(formatRate(rate), { x: at, y: height + 18, "text-anchor": "middle" }),
    ].join("");
  });
  return element(
    "g",
    { class: "axis", "font-size": 12 },
    ...ticks,
    element("path", { class: "domain", d: `M0,${height + 0.5}H${width}`, stroke: DOMAIN }),
    label("learning rate (logarithmic)", {
      x: width / 2,
      y: height + 39,
      "text-anchor": "middle",
      "font-size": 13,
    }),
  );
}

/** The axis of losses at the left of a plot, with its grid. */
export function drawLossAxis(
  domain: readonly [number, number],
  { width, height, y }: Frame & { y(loss: number): number },
): string {
  const ticks = lossTicks(domain, 7).map(({ value, label: text }) => {
    const at = crisp(y(value));
    return [
      element("path", { class: "grid", d: `M0,0H${width}`, transform: moved(0, at), stroke: GRID }),
      element("path", { class: "tick", d: "M-5,0H0", transform: moved(0, at), stroke: DOMAIN }),
      label(text, { x: -8, y: at + 4, "text-anchor": "end" }),
    ].join("");
  });
  return element(
    "g",
    { class: "axis", "font-size": 12 },
    ...ticks,
    label("loss", {
      transform: `${moved(-48, height / 2)} rotate(-90)`,
      "text-anchor": "middle",
      "font-size": 13,
    }),
  );
}

function label(text: string, attributes: Readonly<Record<string, string | number>>): string {
  return element("text", { fill: INK, ...attributes }, escaped(text));
}

/** The middle of a pixel: lines of one pixel's width are sharp there. */
function crisp(place: number): number {
  return Math.round(place) + 0.5;
}
