import type { FigureData } from "../figure-data.js";

type Point = FigureData["points"][number];

/** The line under a figure that says what is at a rate. */
export class Reading {
  readonly points: FigureData["points"];
  readonly #line: Element;

  constructor(points: FigureData["points"], line: Element) {
    this.points = points;
    this.#line = line;
  }

  /** The index of the step whose rate is nearest, on the logarithmic axis. */
  nearest(lr: number): number {
    let low = 0;
    let high = this.points.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.points[middle]![0] < lr) low = middle + 1;
      else high = middle;
    }
    const before = this.points[low - 1];
    return before !== undefined && lr / before[0] < this.points[low]![0] / lr ? low - 1 : low;
  }

  /** A rate to three digits. */
  rate(lr: number): string {
    const rounded = Number(lr.toPrecision(3));
    return rounded >= 0.001 && rounded < 1000 ? String(rounded) : rounded.toExponential().replace("e+", "e");
  }

  /** What is at a step, in words. */
  of([lr, raw, smoothed]: Point): string {
    const loss = (value: number | null) =>
      value === null ? "not finite" : value.toPrecision(4).replace("e+", "e");
    return `rate ${this.rate(lr)}, loss ${loss(raw)}, smoothed ${loss(smoothed)}`;
  }

  show(point: Point | undefined): void {
    this.#line.textContent = point === undefined ? "\u00a0" : this.of(point);
  }
}
