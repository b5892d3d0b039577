import { expect, expectTypeOf, test } from "vitest";
import {
  type EdgeSuggestion,
  edge,
  type LrFindResult,
  type Suggester,
  type Suggestion,
  slide,
  valley,
} from "../../../lrfind/src/finder/index.js";
import { toTerminal } from "../../../lrfind/src/plot/index.js";
import { saveResult, suggestionTable } from "../../../lrfind/src/terminal/index.js";
import type { Learner } from "../../src/learner/index.js";
import { cornerLearner } from "./toy.js";

type Names<Result extends Pick<LrFindResult, "suggestions">> = keyof Result["suggestions"];

test("Learner.lrFind has exactly the suggestions that were asked for, by its type too", async () => {
  await using learner = cornerLearner();
  const byDefault = await learner.lrFind();
  expectTypeOf<Names<typeof byDefault>>().toEqualTypeOf<"valley">();
  expectTypeOf(byDefault.suggestions.valley).toEqualTypeOf<Suggestion>();
  expect(Object.keys(byDefault.suggestions)).toEqual(["valley"]);

  const otherOptions = await learner.lrFind({ numIt: 12, runs: 2, groups: "each" });
  const group = otherOptions.groups[0]!;
  expectTypeOf<Names<typeof group>>().toEqualTypeOf<"valley">();
  expectTypeOf(group.suggestions.valley).toEqualTypeOf<Suggestion>();
  expectTypeOf<keyof NonNullable<typeof group.runs>["spread"]>().toEqualTypeOf<"valley">();

  const named = await learner.lrFind({ suggestFuncs: [edge, valley], numIt: 20 });
  expectTypeOf<Names<typeof named>>().toEqualTypeOf<"edge" | "valley">();
  expectTypeOf(named.suggestions.edge).toEqualTypeOf<EdgeSuggestion>();
  expect(Object.keys(named.suggestions)).toEqual(["edge", "valley"]);

  const renamed = await learner.lrFind({ suggestFuncs: [slide.with({ lrDiff: 9 }).as("short")] });
  expectTypeOf<Names<typeof renamed>>().toEqualTypeOf<"short">();
  expect(Object.keys(renamed.suggestions)).toEqual(["short"]);
});

test("what takes any result takes one with names", () => {
  // Compiled, not called.
  const use = async (learner: Learner, any: readonly Suggester[]) => {
    const result = await learner.lrFind({ suggestFuncs: [edge, valley] });
    toTerminal(result);
    suggestionTable(result.suggestions, [edge, valley]);
    await saveResult(result, "lr-find");
    await learner.fit(1, { lr: result });
    const unnamed = await learner.lrFind({ suggestFuncs: any });
    expectTypeOf(unnamed.suggestions).toEqualTypeOf<Readonly<Record<string, Suggestion>>>();
    const either = await learner.lrFind({ groups: Math.random() < 0.5 ? "each" : "together" });
    expectTypeOf("groups" in either ? either.lrs : either.lr).toEqualTypeOf<
      readonly number[] | number | null
    >();
    // @ts-expect-error: with a finding per group there is no curve of all.
    (await learner.lrFind({ groups: "each" })).curve;
    // @ts-expect-error: it was not asked.
    return (await learner.lrFind()).suggestions.edge;
  };
  expect(use).toBeTypeOf("function");
});
