import { RandomSequence } from "@lrfind/engine";
import type { Config, ConfigValue } from "../job/index.js";
import { hashOf } from "../job/internal.js";
import type { Axis, FullSpec, Interval } from "./sweep-spec.js";

/** A rate as a spec says it: a number, or what the answer of a range test is multiplied by. */
export type Rate = { readonly lr: number } | { readonly factor: number };

/** What is compared: a value for each axis but the seed, and a rate. */
export interface Point {
  /** Its name: the hash of config and rate. */
  readonly key: string;
  readonly config: Config;
  readonly rate: Rate;
}

/** The values over which results are averaged: the axis `seed`, or none. */
export function seedsOf({ axes }: FullSpec): readonly (ConfigValue | undefined)[] {
  const axis = axes["seed"];
  return axis === undefined ? [undefined] : gridOf(axis);
}

/** The combinations that a sweep begins with, in an order that its spec alone decides. */
export function pointsOf(spec: FullSpec): readonly Point[] {
  const axes = Object.entries(spec.axes).filter(([name]) => name !== "seed");
  const rates: Rate[] = Array.isArray(spec.lr)
    ? (spec.lr as readonly number[]).map((lr) => ({ lr }))
    : (spec.lr as { readonly factors: readonly number[] }).factors.map((factor) => ({ factor }));
  const all = () =>
    axes
      .reduce<Config[]>(
        (configs, [name, axis]) =>
          configs.flatMap((config) => gridOf(axis).map((value) => ({ ...config, [name]: value }))),
        [{}],
      )
      .flatMap((config) => rates.map((rate) => pointOf(config, rate)));
  if (spec.search === "grid") return all();
  const random = new RandomSequence({ seed: spec.seed, stream: "sweep" });
  const points = new Map<string, Point>();
  // Lists alone have only so many combinations; drawing ends where it finds nothing new.
  for (let draw = 0; draw < 100 * spec.trials && points.size < spec.trials; draw++) {
    const config = Object.fromEntries(axes.map(([name, axis]) => [name, drawn(axis, random)]));
    const point = pointOf(config, rates[random.int(rates.length)]!);
    points.set(point.key, point);
  }
  return [...points.values()];
}

function pointOf(config: Config, rate: Rate): Point {
  return { key: hashOf({ config, rate }), config, rate };
}

/** The values that a grid takes of an axis. */
function gridOf(axis: Axis): readonly ConfigValue[] {
  if (!isInterval(axis)) return axis;
  const { count = 3 } = axis;
  return Array.from({ length: count }, (_, i) => within(axis, i / (count - 1)));
}

function drawn(axis: Axis, random: RandomSequence): ConfigValue {
  return isInterval(axis) ? within(axis, random.uniform()) : axis[random.int(axis.length)]!;
}

function within({ from, to, log = false }: Interval, share: number): number {
  if (share === 0) return from;
  if (share === 1) return to;
  return log ? from * (to / from) ** share : from + (to - from) * share;
}

function isInterval(axis: Axis): axis is Interval {
  return !Array.isArray(axis);
}
