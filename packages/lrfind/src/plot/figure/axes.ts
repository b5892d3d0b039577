import { formatRate } from "../../core/index.js";
import { axisBelow, axisLeft, lossTicks, rateTicks } from "../../draw/index.js";

/** The room that a rate's label wants, in pixels. */
const LABEL = 40;

interface Frame {
  readonly width: number;
  readonly height: number;
}

/** The axis of rates under a plot, with its grid. */
export function drawRateAxis(
  domain: readonly [number, number],
  { x, ...size }: Frame & { x(lr: number): number },
): string {
  const most = Math.max(2, Math.min(12, Math.floor(size.width / LABEL)));
  const ticks = rateTicks(domain, most).map((value) => ({ value, label: formatRate(value) }));
  return axisBelow({ name: "learning rate (logarithmic)", ticks, nameAt: 39, place: x }, size);
}

/** The axis of losses at the left of a plot, with its grid. */
export function drawLossAxis(
  domain: readonly [number, number],
  { y, ...size }: Frame & { y(loss: number): number },
): string {
  return axisLeft({ name: "loss", ticks: lossTicks(domain, 7), nameAt: 48, place: y }, size);
}
