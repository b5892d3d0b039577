import { type Chart, svg } from "./chart.js";
import type { Reading } from "./reading.js";

/** A line that is dragged along the rates, or moved by the arrow keys from step to step. */
export class Marker {
  readonly #charts: readonly Chart[];
  readonly #reading: Reading;
  readonly #parts: readonly SVGGElement[];
  #index = 0;

  /** @param start - The rate that it stands at first. */
  constructor(charts: readonly Chart[], reading: Reading, start: number) {
    this.#charts = charts;
    this.#reading = reading;
    this.#parts = charts.map((chart) => this.#draw(chart));
    this.moveTo(reading.nearest(start));
  }

  moveTo(index: number): void {
    const { points } = this.#reading;
    this.#index = Math.min(points.length - 1, Math.max(0, index));
    const point = points[this.#index]!;
    for (const [i, part] of this.#parts.entries()) {
      const chart = this.#charts[i]!;
      const { plot } = chart.panel;
      const x = chart.x(point[0]);
      part.setAttribute("transform", `translate(${x},0)`);
      part.setAttribute("aria-valuenow", String(this.#index));
      part.setAttribute("aria-valuetext", this.#reading.of(point));
      const label = part.querySelector("text")!;
      label.textContent = this.#reading.rate(point[0]);
      const isRight = x > plot.x + plot.width - 70;
      label.setAttribute("x", isRight ? "-9" : "9");
      label.setAttribute("text-anchor", isRight ? "end" : "start");
    }
  }

  #draw(chart: Chart): SVGGElement {
    const { plot } = chart.panel;
    const [top, bottom] = [plot.y, plot.y + plot.height];
    const part = svg("g", {
      class: "marker",
      role: "slider",
      tabindex: 0,
      "aria-label": "Marker on the learning rate",
      "aria-valuemin": 0,
      "aria-valuemax": this.#reading.points.length - 1,
      "aria-orientation": "horizontal",
    });
    part.append(
      svg("rect", { class: "grab", x: -12, y: top, width: 24, height: bottom - top }),
      svg("line", { y1: top, y2: bottom }),
      svg("circle", { class: "grip", cy: bottom, r: 7 }),
      svg("text", { y: bottom - 12 }),
    );
    part.addEventListener("keydown", (event) => this.#onKey(event));
    part.addEventListener("pointerdown", (event) => {
      part.setPointerCapture(event.pointerId);
      event.preventDefault();
      part.focus({ preventScroll: true });
    });
    part.addEventListener("pointermove", (event) => {
      if (!part.hasPointerCapture(event.pointerId)) return;
      this.moveTo(this.#reading.nearest(chart.rateAt(event)));
      this.#reading.show(this.#reading.points[this.#index]);
    });
    part.addEventListener("focus", () => this.#reading.show(this.#reading.points[this.#index]));
    chart.root.append(part);
    return part;
  }

  #onKey(event: KeyboardEvent): void {
    const last = this.#reading.points.length - 1;
    const leap = Math.max(1, Math.round(last / 10));
    const moves: Readonly<Record<string, number>> = {
      ArrowLeft: this.#index - 1,
      ArrowDown: this.#index - 1,
      ArrowRight: this.#index + 1,
      ArrowUp: this.#index + 1,
      PageDown: this.#index - leap,
      PageUp: this.#index + leap,
      Home: 0,
      End: last,
    };
    const index = moves[event.key];
    if (index === undefined) return;
    event.preventDefault();
    this.moveTo(index);
    this.#reading.show(this.#reading.points[this.#index]);
  }
}
