import {
  arrayOf,
  type Check,
  type Checks,
  checkOptions,
  func,
  integer,
  number,
  OptionError,
  required,
  string,
  tuple,
} from "../../core/index.js";

/** A descent on a loss of one weight. */
export interface DescentOptions {
  /** The loss of a weight. */
  readonly loss: (w: number) => number;
  /** Its slope. @default central differences of `loss` */
  readonly gradient?: (w: number) => number;
  /** The learning rate, above 0. */
  readonly lr: number;
  /** The weight before the first step. */
  readonly start: number;
  /** How many steps are made; from 1 to 1000. @default 10 */
  readonly steps?: number;
  /**
   * The weights that are drawn.
   *
   * @default from the start to where the loss is as high again on the other side, and a little more; where steps lead out of
   *   that, as many of them as lie within three times its width
   */
  readonly domain?: readonly [low: number, high: number];
  /** The picture's heading. @default the rate, and what comes of it */
  readonly title?: string;
}

/** Where a descent came by. */
export interface Descent {
  /** The weight before each step, and after the last; those that are not finite are left out. */
  readonly path: readonly { readonly w: number; readonly loss: number }[];
  /**
   * What came of it: it `diverges` where the loss ends above its start or is not finite, `bounces` where most steps go past
   * the lowest point to its other side, `creeps` where more than a tenth of the way down is left, else `arrives`.
   */
  readonly outcome: "arrives" | "bounces" | "creeps" | "diverges";
  /** The weights that are drawn. */
  readonly domain: readonly [low: number, high: number];
}

const finite: Check = number();
const OPTIONS: Checks<DescentOptions> = {
  loss: required(func),
  gradient: func,
  lr: required(number({ above: 0 })),
  start: required(finite),
  steps: integer({ min: 1, max: 1000 }),
  domain: {
    ...tuple(finite, finite),
    expected: "two weights, the lesser first",
    accepts: (value) =>
      arrayOf(finite).accepts(value) &&
      (value as number[]).length === 2 &&
      (value as number[])[0]! < (value as number[])[1]!,
  },
  title: string,
};

/**
 * Walks down a loss by `w ← w − lr · loss′(w)`, and says what comes of it: what a learning rate does, in one picture.
 *
 * @param options - The loss, the rate, the start.
 * @throws {OptionError} when an option does not exist or is of another kind, or the loss gives no number at the start.
 *
 * @example
 * ```ts
 * descend({ loss: (w) => w * w, lr: 1.1, start: 1 }).outcome; // "diverges"
 * descend({ loss: (w) => w * w, lr: 0.01, start: 1 }).outcome; // "creeps"
 * ```
 */
export function descend(options: DescentOptions): Descent {
  checkOptions("descend", options, OPTIONS);
  const { loss, lr, start, steps = 10 } = options;
  const gradient = options.gradient ?? slopeOf(loss);
  const path: { w: number; loss: number }[] = [];
  let w = start;
  let left = false;
  for (let step = 0; step <= steps; step++) {
    const here = loss(w);
    if (step === 0 && !Number.isFinite(here)) {
      throw new OptionError({
        where: "descend",
        option: "loss",
        expected: "loss(start) to be a finite number",
        got: String(here),
        received: loss,
        hint: "another start",
      });
    }
    if (!Number.isFinite(here) || !Number.isFinite(w)) {
      left = true;
      break;
    }
    path.push({ w, loss: here });
    w -= lr * gradient(w);
  }
  const whole = bowl(loss, start);
  const lowest = lowestIn(loss, options.domain ?? whole, path);
  const domain = options.domain ?? widened(whole, shownOf(path, { domain: whole, lowest }));
  return { path, domain, outcome: outcomeOf(path, { left, lowest }) };
}

/** As much of a divergence as leaves the bowl it began in to be seen: steps in three widths of it, and as many heights. */
const REACH = { widths: 3, heights: 12 };

/**
 * The points of a path that a picture has room for: those up to the first that is far away.
 *
 * @param area.domain - The bowl that the path begins in, or the weights that are drawn.
 * @param area.lowest - The lowest loss there.
 */
export function shownOf(
  path: Descent["path"],
  { domain: [low, high], lowest }: { readonly domain: Descent["domain"]; readonly lowest: number },
): Descent["path"] {
  const top = lowest + REACH.heights * (path[0]!.loss - lowest);
  const reach = (REACH.widths / 2) * (high - low);
  const far = path.findIndex(
    ({ w, loss }, i) => i > 0 && (Math.abs(w - (low + high) / 2) > reach || loss > top),
  );
  return far < 0 ? path : path.slice(0, far);
}

/** A domain that has all points of a path in it, and a little room beside those beyond it. */
function widened([low, high]: Descent["domain"], path: Descent["path"]): Descent["domain"] {
  const weights = path.map(({ w }) => w);
  const [least, most] = [Math.min(...weights), Math.max(...weights)];
  const room = 0.06 * (Math.max(most, high) - Math.min(least, low));
  return [Math.min(low, least - room), Math.max(high, most + room)];
}

/** The lowest loss of some weights, and of a path. */
function lowestIn(
  loss: (w: number) => number,
  [low, high]: Descent["domain"],
  path: Descent["path"],
): number {
  let lowest = path[0]!.loss;
  for (let i = 0; i <= 400; i++) {
    const here = loss(low + ((high - low) * i) / 400);
    if (here < lowest) lowest = here;
  }
  return lowest;
}

/** Central differences, of a width at which rounding and curvature err alike. */
function slopeOf(loss: (w: number) => number): (w: number) => number {
  return (w) => {
    const h = Math.cbrt(Number.EPSILON) * Math.max(1, Math.abs(w));
    return (loss(w + h) - loss(w - h)) / (2 * h);
  };
}

/** From the start to where the loss is as high again, on either side; as wide as the start is large where it never is. */
function bowl(loss: (w: number) => number, start: number): readonly [number, number] {
  const height = loss(start);
  const reach = (sign: number) => {
    let away = 1e-3 * Math.max(1, Math.abs(start));
    let isBelow = false;
    for (let k = 0; k < 200; k++, away *= 1.1) {
      const here = loss(start + sign * away);
      if (here < height) isBelow = true;
      else if (isBelow) return away;
    }
    return 0;
  };
  const [right, left] = [reach(1), reach(-1)];
  const width = Math.max(right, left) || Math.max(1, Math.abs(start));
  const low = left > 0 || right === 0 ? start - width : start;
  const high = right > 0 || left === 0 ? start + width : start;
  return [low - 0.15 * (high - low), high + 0.15 * (high - low)];
}

function outcomeOf(
  path: Descent["path"],
  { left, lowest }: { readonly left: boolean; readonly lowest: number },
): Descent["outcome"] {
  const first = path[0]!.loss;
  const last = path.at(-1)!.loss;
  if (left || last > first) return "diverges";
  const turns = path.filter(
    ({ w }, i) => i > 1 && (w - path[i - 1]!.w) * (path[i - 1]!.w - path[i - 2]!.w) < 0,
  ).length;
  if (path.length > 3 && turns > (path.length - 2) / 2) return "bounces";
  return last - lowest > 0.1 * (first - lowest) ? "creeps" : "arrives";
}
