import type { ParamGroup } from "@lrfind/engine";
import { describe } from "lrfind/core";
import { LearnerError } from "../errors.js";

/**
 * How an imported model's parameters fall into groups: a function from a parameter's name to the index of its group,
 * or for each group the prefixes that its parameters' names start with.
 */
export type GroupSplitter = ((name: string) => number) | readonly (string | readonly string[])[];

/** Sorts parameters into groups, first group first. @throws {LearnerError} when one falls into none. */
export function splitParameters(names: readonly string[], splitter: GroupSplitter): ParamGroup[] {
  const groups: string[][] = [];
  const indexOf = typeof splitter === "function" ? splitter : (name: string) => indexByPrefix(name, splitter);
  for (const name of names) {
    const index = indexOf(name);
    if (!Number.isInteger(index) || index < 0) {
      throw new LearnerError({
        where: "loadModel: groups",
        expected: `a group index from 0 up for "${name}"`,
        got: describe(index),
        hint: 'a prefix that its name starts with, or a last group of prefix ""',
      });
    }
    while (groups.length <= index) groups.push([]);
    groups[index]!.push(name);
  }
  return groups.map((parameters, i) => ({ name: nameOf(splitter, i), parameters }));
}

function indexByPrefix(name: string, prefixes: readonly (string | readonly string[])[]): number {
  return prefixes.findIndex((entry) => [entry].flat().some((prefix) => name.startsWith(prefix)));
}

function nameOf(splitter: GroupSplitter, index: number): string {
  const entry = typeof splitter === "function" ? undefined : splitter[index];
  const prefix = Array.isArray(entry) ? entry[0] : (entry as string | undefined);
  return prefix ? prefix.replace(/[./]$/, "") : `group ${index}`;
}
