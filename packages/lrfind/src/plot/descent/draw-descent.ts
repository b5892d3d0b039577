import { scaleLinear } from "d3-scale";
import { line } from "d3-shape";
import { formatRate } from "../../core/index.js";
import { COLORS, element, escaped, FONT, lossTicks, moved } from "../../draw/index.js";
import { INK } from "../figure/legend.js";
import { type Descent, type DescentOptions, descend } from "./descend.js";

/** The size of one picture of a descent, in pixels. */
export const DESCENT_SIZE = { width: 380, height: 320 } as const;

const MARGIN = { left: 50, right: 14, top: 52, bottom: 44 };
const GRID = "#e4e7eb";
const AXIS = "#8c959f";

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
  const [low, high] = lossDomain(curve, path[0]!.loss);
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
  const gone = inside < path.length ? `; ${path.length - inside} of ${path.length} points lie outside` : "";
  return [
    element("title", {}, escaped(title)),
    element("rect", { class: "ground", ...DESCENT_SIZE, fill: "white" }),
    element(
      "g",
      { transform: moved(MARGIN.left, MARGIN.top), "font-family": FONT },
      element(
        "text",
        { class: "title", y: -28, "font-size": 14.5, "font-weight": 700, fill: INK },
        escaped(title),
      ),
      element(
        "text",
        { class: "note", y: -10, "font-size": 12, fill: "#57606a" },
        escaped(`${path.length - 1} steps${gone}`),
      ),
      element("clipPath", { id: clip }, element("rect", { y: -6, width, height: height + 6 })),
      axes({ domain, low, high, width, height, x, y }),
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

/** From a little under the lowest loss to a little over the start's. */
function lossDomain(curve: readonly { readonly loss: number }[], start: number): readonly [number, number] {
  const lowest = curve.reduce((low, { loss }) => Math.min(low, loss), start);
  const span = start - lowest || Math.max(1e-12, Math.abs(start)) || 1;
  return [lowest - 0.06 * span, start + 0.35 * span];
}

interface Axes {
  readonly domain: readonly [number, number];
  readonly low: number;
  readonly high: number;
  readonly width: number;
  readonly height: number;
  x(w: number): number;
  y(loss: number): number;
}

function axes({ domain, low, high, width, height, x, y }: Axes): string {
  const text = (attributes: Readonly<Record<string, string | number>>, label: string) =>
    element("text", { fill: INK, "font-size": 11.5, ...attributes }, escaped(label));
  const across = lossTicks(domain, 5).map(({ value, label }) =>
    text({ x: x(value), y: height + 17, "text-anchor": "middle" }, label),
  );
  const up = lossTicks([low, high], 5).map(({ value, label }) => {
    const at = Math.round(y(value)) + 0.5;
    return [
      element("path", { class: "grid", d: `M0,0H${width}`, transform: moved(0, at), stroke: GRID }),
      text({ x: -7, y: at + 4, "text-anchor": "end" }, label),
    ].join("");
  });
  return element(
    "g",
    { class: "axis" },
    ...up,
    ...across,
    element("path", { class: "domain", d: `M0,${height + 0.5}H${width}`, stroke: AXIS }),
    text({ x: width / 2, y: height + 36, "text-anchor": "middle", "font-size": 12.5 }, "weight"),
    text(
      { transform: `${moved(-38, height / 2)} rotate(-90)`, "text-anchor": "middle", "font-size": 12.5 },
      "loss",
    ),
  );
}
