import type { FigureData, MarkData, PanelData } from "../figure-data.js";

const SVG = "http://www.w3.org/2000/svg";

/** An element of an SVG in the page. */
export function svg<Name extends keyof SVGElementTagNameMap>(
  name: Name,
  attributes: Readonly<Record<string, string | number>>,
  content?: string,
): SVGElementTagNameMap[Name] {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  if (content !== undefined) made.textContent = content;
  return made;
}

/** One of a figure's pictures, and what lies where in it. */
export class Chart {
  readonly root: SVGSVGElement;
  readonly panel: PanelData;
  readonly #why: SVGGElement;
  readonly #cross: SVGGElement;

  constructor(root: SVGSVGElement, panel: PanelData) {
    this.root = root;
    this.panel = panel;
    this.#why = svg("g", { class: "why" });
    this.#cross = svg("g", { class: "hover" });
    root.append(this.#why, this.#cross);
  }

  x(lr: number): number {
    const { plot, lrDomain } = this.panel;
    const [low, high] = lrDomain;
    return plot.x + (plot.width * Math.log(lr / low)) / Math.log(high / low);
  }

  y(loss: number): number {
    const { plot, lossDomain } = this.panel;
    const [low, high] = lossDomain;
    const share = Math.min(1, Math.max(0, (loss - low) / (high - low)));
    return plot.y + plot.height * (1 - share);
  }

  /** The rate under the pointer. */
  rateAt(event: PointerEvent): number {
    const box = this.root.getBoundingClientRect();
    const { plot, lrDomain } = this.panel;
    const [low, high] = lrDomain;
    const at = ((event.clientX - box.left) / box.width) * this.root.viewBox.baseVal.width;
    const share = Math.min(1, Math.max(0, (at - plot.x) / plot.width));
    return low * (high / low) ** share;
  }

  /** Shows a step: a line at its rate, a spot on the smoothed curve. */
  hover(point: FigureData["points"][number] | undefined): void {
    this.#cross.replaceChildren();
    if (point === undefined) return;
    const [lr, , smoothed] = point;
    const { plot } = this.panel;
    const x = this.x(lr);
    this.#cross.append(svg("line", { class: "cross", x1: x, x2: x, y1: plot.y, y2: plot.y + plot.height }));
    if (smoothed !== null)
      this.#cross.append(svg("circle", { class: "spot", cx: x, cy: this.y(smoothed), r: 4.5 }));
  }

  /** Draws how a suggester came to its rate; nothing for undefined. */
  explain(mark: MarkData | undefined): void {
    this.#why.replaceChildren();
    const { plot } = this.panel;
    const bottom = plot.y + plot.height;
    if (mark?.why === undefined) return;
    const { interval, levels = [], places = [] } = mark.why;
    if (interval !== undefined) {
      const [from, to] = [this.x(interval.from), this.x(interval.to)];
      this.#why.append(
        svg("rect", {
          class: "stretch",
          x: from,
          y: plot.y,
          width: Math.max(1, to - from),
          height: plot.height,
        }),
      );
      for (const end of [from, to])
        this.#why.append(svg("line", { class: "end", x1: end, x2: end, y1: plot.y, y2: bottom }));
    }
    for (const { label, loss } of levels) {
      const y = this.y(loss);
      this.#why.append(
        svg("line", { class: "level", x1: plot.x, x2: plot.x + plot.width, y1: y, y2: y }),
        svg("text", { x: plot.x + 6, y: y - 5 }, label),
      );
    }
    for (const { label, lr, loss } of places) {
      const [x, y] = [this.x(lr), this.y(loss)];
      const isRight = x > plot.x + 0.75 * plot.width;
      this.#why.append(
        svg("circle", { cx: x, cy: y, r: 7 }),
        svg(
          "text",
          { x: isRight ? x - 11 : x + 11, y: y + 18, "text-anchor": isRight ? "end" : "start" },
          label,
        ),
      );
    }
    const from = places.at(-1);
    // From the place that was looked for to the rate that was derived from it.
    if (from === undefined || mark.at === null || from.lr === mark.at.lr) return;
    const y = this.y(from.loss);
    this.#why.append(
      svg("line", { class: "way", x1: this.x(from.lr), x2: this.x(mark.at.lr), y1: y, y2: y }),
    );
  }

  /** Shows or hides a suggestion: the k-th of those that were found. */
  toggle(k: number, isShown: boolean): void {
    for (const part of ["rule", "dot", "symbol"]) {
      const element = this.root.querySelectorAll<SVGElement>(`.${part}`)[k];
      if (element) element.style.display = isShown ? "" : "none";
    }
  }

  /** Numbers at the rates of which a remark speaks. */
  flag(rates: readonly (number | null)[]): void {
    const { plot } = this.panel;
    const taken: number[] = [];
    for (const [i, lr] of rates.entries()) {
      if (lr === null) continue;
      let x = Math.min(plot.x + plot.width - 9, Math.max(plot.x + 9, this.x(lr)));
      while (taken.some((other) => Math.abs(other - x) < 20)) x -= 20;
      taken.push(x);
      const flag = svg("g", {
        class: "flag",
        transform: `translate(${x},${plot.y - 11})`,
        "aria-hidden": "true",
      });
      flag.append(svg("circle", { r: 9 }), svg("text", { y: 4 }, String(i + 1)));
      this.root.append(flag);
    }
  }
}
