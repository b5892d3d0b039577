import { describe, expect, test } from "vitest";
import { OptionError } from "../../../src/core/index.js";
import { type NamedResult, toPng, toSvg } from "../../../src/plot/index.js";
import { pictureCases } from "../recorded.js";

const cases = await pictureCases();
const named = (names: readonly string[]): NamedResult[] =>
  names.map((name) => ({ name, result: cases[name]! }));
const eight = named([
  "completed",
  "diverged",
  "blown-up",
  "runs",
  "flat",
  "crowded",
  "negative",
  "one-point",
]);

/** The lines of a picture: what tells one from another. */
const linesOf = (svg: string) =>
  Array.from(svg.matchAll(/<path class="smoothed"[^>]*>/g), ([tag]) => [
    /stroke="([^"]*)"/.exec(tag)![1],
    /stroke-dasharray="([^"]*)"/.exec(tag)?.[1],
  ]);

test.each(
  Object.entries({ eight, two: named(["completed", "diverged"]), empty: named(["empty", "all-nan"]) }),
)("%s results on common axes", async (name, results) => {
  const svg = await toSvg(results);
  await expect(`${svg}\n`).toMatchFileSnapshot(`references/overlay-${name}.svg`);
  expect(svg).not.toMatch(/NaN|Infinity|undefined|null/);
  expect(linesOf(svg).length).toBe(results.length);
  expect(new Set(linesOf(svg).map(String)).size).toBe(results.length);
});

test("the legend names each, with the first suggester's rate or none", async () => {
  const svg = await toSvg(named(["completed", "all-nan"]), { title: "Two <tests>" });
  expect(svg).toMatch(/>completed: [\d.e-]+ \(\w+\)</);
  expect(svg).toMatch(/>all-nan: none \(\w+\)</);
  expect(svg).toContain("Two &lt;tests&gt;");
});

test("a PNG of the size asked for", async () => {
  const png = await toPng(named(["completed", "diverged"]), { scale: 1, width: 700, height: 400 });
  const view = new DataView(png.buffer, png.byteOffset);
  expect([view.getUint32(16), view.getUint32(20)]).toEqual([700, 400]);
});

describe("what is refused", () => {
  test.each([
    ["none", []],
    ["nine", Array(9).fill(eight[0])],
    ["one without a name", [{ result: cases["completed"] }]],
    ["one that is no result", [{ name: "a", result: { curve: 1 } }]],
  ])("%s", async (_, results) => {
    await expect(toSvg(results as never)).rejects.toThrow(OptionError);
    await expect(toPng(results as never)).rejects.toThrow(OptionError);
  });
});
