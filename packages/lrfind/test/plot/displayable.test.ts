import { expect, test } from "vitest";
import { lrFind, toJson } from "../../src/finder/index.js";
import { displayable, toSvg } from "../../src/plot/index.js";
import { ToyTrainer } from "../finder/toy-trainer.js";

const DISPLAY = Symbol.for("Jupyter.display");

test("a result gives a notebook its picture, and is the same plain data as before", async () => {
  const result = await lrFind(new ToyTrainer(), { numIt: 20, seed: 1 });
  const before = toJson(result);
  const shown = displayable(result);
  expect(shown).toBe(result);
  const display = (shown as unknown as Record<symbol, () => Promise<Record<string, string>>>)[DISPLAY]!;
  const bundle = await display();
  expect(bundle["image/svg+xml"]).toBe(await toSvg(result));
  expect(bundle["text/plain"]).toContain("smoothed loss");
  expect(toJson(result)).toBe(before);
  expect(structuredClone(result)).toEqual(result);
  expect(Object.keys({ ...result })).not.toContain("Jupyter.display");
  expect(Reflect.ownKeys({ ...result })).not.toContain(DISPLAY);
  expect(displayable(displayable(result))).toBe(result);
});

test("what is frozen stays as it is, and what is no result is refused", async () => {
  const result = Object.freeze(await lrFind(new ToyTrainer(), { numIt: 10 }));
  expect(displayable(result)).toBe(result);
  expect(() => displayable(3 as never)).toThrow(/displayable: expected result to be a result/);
});
