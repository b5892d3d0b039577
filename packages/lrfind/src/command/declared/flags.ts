import { InvalidArgumentError } from "commander";
import { didYouMean } from "../../core/index.js";
import type { LoggedRates } from "../../logs/index.js";

/** The names of all suggesters, in the order in which all are asked. */
export const SUGGESTER_NAMES: string[] = ["valley", "slide", "steep", "minimum", "edge"];

/** `valley,edge` */
export function names(text: string): string[] {
  return text.split(",").map((name) => oneOf(...SUGGESTER_NAMES)(name.trim()));
}

/** `1e-7` */
export function number(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value)) throw new InvalidArgumentError("expected a number");
  return value;
}

/** `1e-7`, or `1e-7,1e-6` for a rate per parameter group. */
export function rates(text: string): number | number[] {
  const list = text.split(",").map(number);
  return list.length === 1 ? list[0]! : list;
}

/** `1e-7:10`, or `1e-7:10:linear` */
export function loggedRates(text: string): LoggedRates {
  const [from, to, sweep = "exponential", ...others] = text.split(":");
  const isKnown = sweep === "exponential" || sweep === "linear";
  if (to === undefined || others.length > 0 || !isKnown) {
    throw new InvalidArgumentError("expected FROM:TO or FROM:TO:linear, as in 1e-7:10");
  }
  const ends = { from: number(from!), to: number(to) };
  if (!(ends.from > 0 && ends.to > ends.from))
    throw new InvalidArgumentError("expected two rates above 0, rising");
  return sweep === "linear" ? { ...ends, sweep: "linear" } : ends;
}

/** One of some words. */
export function oneOf<const Words extends readonly string[]>(
  ...words: Words
): (text: string) => Words[number] {
  return (text) => {
    if (words.includes(text)) return text;
    const meant = didYouMean(text, words);
    throw new InvalidArgumentError(`expected ${words.join(", ")}${meant ? `; try ${meant}` : ""}`);
  };
}
