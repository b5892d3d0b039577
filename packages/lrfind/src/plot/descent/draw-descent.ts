import { scaleLinear } from "d3-scale";
import { line } from "d3-shape";
import { formatRate } from "../../core/index.js";
import {
  axisBelow,
  axisLeft,
  COLORS,
  element,
  escaped,
  FONT,
  INK,
  lossTicks,
  moved,
  QUIET,
  shortenedToPixels,
} from "../../draw/index.js";
import { type Descent, type DescentOptions, descend, shownOf } from "./descend.js";

/** The size of one picture of a descent, in pixels. */
export const DESCENT_SIZE = { width: 380, height: 320 } as const;

const MARGIN = { left: 54, right: 14, top: 52, bottom: 44 };

const WORDS: Readonly<Record<Descent["outcome"], string>> = {
  arrives: "it arrives",
  bounces: "it bounces from side to side",
  creeps: "it creeps",
  diverges: "it diverges",
};

/** Draws a descent as the inside of an SVG: the loss over the weight, and each step on it. */
export function drawDescent(options: DescentOptions, clip: string): string {
  const descent = descend(options);
  const { domain, path, outcome } = descent;
  const curve = Array.from({ length: 241 }, (_, i) => {
    const w = domain[0] + ((domain[1] - domain[0]) * i) / 240;
    return { w, loss: options.loss(w) };
  }).filter(({ loss }) => Number.isFinite(loss));
  const [low, high] = lossDomain(curve, descent);
  const width = DESCENT_SIZE.width - MARGIN.left - MARGIN.right;
  const height = DESCENT_SIZE.height - MARGIN.top - MARGIN.bottom;
  const x = scaleLinear(domain, [0, width]);
  const y = scaleLinear([low, high], [height, 0]);
  // What leaves the picture by far is not drawn to its end: renderers choke on coordinates like 1e300.
  const near = ({ w, loss }: { readonly w: number; readonly loss: number }): [number, number] => [
    Math.max(-3 * width, Math.min(4 * width, x(w))),
    Math.max(-3 * height, Math.min(4 * height, y(loss))),
  ];
  const inside = path.filter(({ w, loss }) => w >= domain[0] && w <= domain[1] && loss <= high).length;
  const title = options.title ?? `Rate ${formatRate(options.lr)}: ${WORDS[outcome]}`;
  return [
    element("title", {}, escaped(title)),
    element("rect", { class: "ground", ...DESCENT_SIZE, fill: "white" }),
    element(
      "g",
      { transform: moved(MARGIN.left, MARGIN.top), "font-family": FONT },
      element(
        "text",
        { class: "title", y: -28, "font-size": 14.5, "font-weight": 700, fill: INK },
        escaped(shortenedToPixels(title, 14.5, width)),
      ),
      element(
        "text",
        { class: "note", y: -10, "font-size": 12, fill: QUIET },
        escaped(noteOf(path, { asked: options.steps ?? 10, inside })),
      ),
      element("clipPath", { id: clip }, element("rect", { y: -6, width, height: height + 6 })),
      axisBelow({ name: "weight", ticks: lossTicks(domain, 5), nameAt: 38, place: x }, { width, height }),
      axisLeft({ name: "loss", ticks: lossTicks([low, high], 5), nameAt: 40, place: y }, { width, height }),
      element(
        "g",
        { "clip-path": `url(#${clip})` },
        element("path", {
          class: "loss",
          d: line().digits(2)(curve.map(near)) ?? "",
          fill: "none",
          stroke: INK,
          "stroke-width": 2,
        }),
        element("path", {
          class: "steps",
          d: line().digits(2)(path.map(near)) ?? "",
          fill: "none",
          stroke: COLORS[0],
          "stroke-width": 1.6,
        }),
        ...path.map((point, i) => {
          const [cx, cy] = near(point);
          return element("circle", {
            class: i === 0 ? "start" : "step",
            cx,
            cy,
            r: i === 0 ? 5 : 3.6,
            fill: i === 0 ? COLORS[1] : COLORS[0],
          });
        }),
      ),
    ),
  ].join("");
}

/** How many steps there were, and what became of those that are not to be seen. */
function noteOf(
  path: Descent["path"],
  { asked, inside }: { readonly asked: number; readonly inside: number },
): string {
  const steps = path.length - 1;
  const parts = [steps === 1 ? "1 step" : `${steps} steps`];
  if (steps < asked) parts.push("then no finite loss");
  if (inside < path.length) parts.push(`${path.length - inside} of ${path.length} points outside`);
  return parts.join(", ");
}

/** From a little under the lowest loss to a little over the highest of the points that are shown. */
function lossDomain(
  curve: readonly { readonly loss: number }[],
  { path, domain }: Descent,
): readonly [number, number] {
  const start = path[0]!.loss;
  const lowest = curve.reduce((low, { loss }) => Math.min(low, loss), start);
  const shown = shownOf(path, { domain, lowest }).filter(({ w }) => w >= domain[0] && w <= domain[1]);
  const highest = shown.reduce((high, { loss }) => Math.max(high, loss), start);
  const span = highest - lowest || Math.max(1e-12, Math.abs(start)) || 1;
  return [lowest - 0.06 * span, highest + (highest > start ? 0.08 : 0.35) * span];
}
