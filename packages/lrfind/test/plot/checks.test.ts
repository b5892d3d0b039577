import { describe, expect, it } from "vitest";
import { boundary, expectBoundaries, flag, text, whole } from "../../../../test/support/boundaries.js";
import { checkOptions, OptionError } from "../../src/core/index.js";
import { FIGURE_OPTIONS } from "../../src/plot/figure/options.js";
import { type Plottable, toPng, toSvg, toTerminal } from "../../src/plot/index.js";

const column = Array.from({ length: 20 }, (_, i) => (i + 1) / 10);
const curve = { numIt: 20, stop: "completed", lr: column, loss: column, smoothed: column } as const;
const result: Plottable = { curve, suggestions: {} };
const no = [Number.NaN, Number.POSITIVE_INFINITY, "640", null];
const figure = {
  width: boundary([640, 8192], [639, 8193, 1e308, ...no]),
  height: boundary([360, 8192], [359, 8193, ...no]),
  title: text,
};

describe("options of plots at the boundary", () => {
  it("toSvg", async () => {
    expectBoundaries((o) => checkOptions("toSvg", o, FIGURE_OPTIONS), figure);
    await expect(toSvg(result, { width: 639 })).rejects.toThrow("toSvg: expected width");
    await expect(toSvg(result, { widht: 700 } as object)).rejects.toThrow("try one of width, height, title");
  });

  it("toTerminal", () =>
    expectBoundaries((o) => toTerminal(result, o), {
      columns: whole(20, 1000),
      rows: whole(12, 1000),
      color: flag,
      raw: flag,
    }));

  it.each([0, -1, 8.01, Number.NaN, "2", null])("toPng refuses the scale %s", async (scale) => {
    await expect(toPng(result, { scale: scale as number })).rejects.toThrow(
      "toPng: expected scale to be a finite number in (0, 8]",
    );
  });

  it("toPng refuses an image that would not fit into memory", async () => {
    await expect(toPng(result, { width: 8192, height: 8192, scale: 8 })).rejects.toThrow(
      "toPng: expected scale to give at most",
    );
  });

  it.each([{ widht: 700 }, { scale: 2 }, null, 3])("toSvg refuses %o", async (options) => {
    await expect(toSvg(result, options as never)).rejects.toThrow(OptionError);
  });
});

describe("what cannot be drawn", () => {
  const wrong: [string, unknown][] = [
    ["undefined", undefined],
    ["null", null],
    ["a curve", curve],
    ["no curve", { suggestions: {} }],
    ["no suggestions", { curve }],
    ["a curve without losses", { curve: { ...curve, loss: undefined }, suggestions: {} }],
    ["losses of text", { curve: { ...curve, loss: ["1"] }, suggestions: {} }],
    ["another reason to stop", { curve: { ...curve, stop: "bored" }, suggestions: {} }],
    ["a suggestion without rate", { curve, suggestions: { valley: {} } }],
    ["a suggestion of rate 0", { curve, suggestions: { valley: { lr: 0, point: { lr: 1, loss: 1 } } } }],
    ["a suggestion without point", { curve, suggestions: { valley: { lr: 1 } } }],
    ["runs without band", { curve, suggestions: {}, runs: { each: [], spread: {} } }],
    [
      "a ragged band",
      { curve, suggestions: {}, runs: { each: [], spread: {}, band: { lr: [1], low: [], high: [1] } } },
    ],
    [
      "a spread of text",
      {
        curve,
        suggestions: {},
        runs: { each: [], spread: { a: { low: "1", high: 1 } }, band: { lr: [], low: [], high: [] } },
      },
    ],
    ["another loss", { curve, suggestions: {}, lossOn: "test" }],
    ["a group without name", { curve, suggestions: {}, group: 1 }],
    ["groups without curves", { groups: [{ group: "body" }] }],
    ["no group", { groups: [] }],
    ["groups of text", { groups: "each" }],
  ];
  it.each(wrong)("%s", async (_, given) => {
    await expect(toSvg(given as Plottable)).rejects.toThrow(OptionError);
    expect(() => toTerminal(given as Plottable)).toThrow(/^toTerminal: expected result/);
    await expect(toSvg(given as Plottable)).rejects.toThrow(/^toSvg: expected result/);
    await expect(toPng(given as Plottable)).rejects.toThrow(/^toPng: expected result/);
  });
});
