// How a node's attributes are read, by rules of every kind.
import type { Attributes } from "../graph/graph.js";

interface WithAttributes {
  readonly attributes: Attributes;
}

/** A number attribute. */
export function numberAttribute({ attributes }: WithAttributes, name: string, fallback: number): number {
  const value = attributes[name];
  return typeof value === "number" ? value : fallback;
}

/** A list-of-integers attribute; undefined where it is absent. */
export function intsAttribute({ attributes }: WithAttributes, name: string): readonly number[] | undefined {
  const value = attributes[name];
  return Array.isArray(value) ? (value as readonly number[]) : undefined;
}

/** An axis counted from the front. */
export function positiveAxis(axis: number, rank: number): number {
  return axis < 0 ? axis + rank : axis;
}
