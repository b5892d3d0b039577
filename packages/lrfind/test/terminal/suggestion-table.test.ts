import { afterEach, describe, expect, test, vi } from "vitest";
import { widthOf } from "../../src/draw/index.js";
import {
  edge,
  formatRate,
  lrFind,
  minimum,
  OptionError,
  type Suggester,
  slide,
  steep,
  valley,
} from "../../src/finder/index.js";
import { toTerminal } from "../../src/plot/index.js";
import { suggestionTable } from "../../src/terminal/index.js";
import { ToyTrainer } from "../finder/toy-trainer.js";

afterEach(() => vi.unstubAllEnvs());

const named = (name: string, summary = "what it is") => ({ name, summary }) as unknown as Suggester;
const found = (lr: number) => ({ lr, point: { lr, loss: 1 } });

describe("suggestionTable", () => {
  test("is a frame around names, rates and meanings", () => {
    const suggestions = { edge: found(0.0052512), mine: { lr: null, reason: "the loss never fell" } };
    const funcs = [named("edge", "a fifth"), named("mine"), named("unasked")];
    expect(suggestionTable(suggestions, funcs, { columns: 80 })).toBe(
      [
        "┌───────────┬─────────┬─────────────────────┐",
        "│ suggester │ lr      │ what it is          │",
        "├───────────┼─────────┼─────────────────────┤",
        "│ edge      │ 0.00525 │ a fifth             │",
        "├───────────┼─────────┼─────────────────────┤",
        "│ mine      │ none    │ the loss never fell │",
        "└───────────┴─────────┴─────────────────────┘",
      ].join("\n"),
    );
  });

  test("is its head alone where nothing was suggested", () => {
    expect(suggestionTable({}, []).split("\n")).toHaveLength(3);
  });

  test.each([20, 21, 24, 40, 80, 200])("keeps its frame %i columns wide, whatever the names", (columns) => {
    const names = [
      "valley",
      "学習率の提案する名前",
      "👩‍👩‍👧",
      "e\u0301".repeat(40),
      "\u001b[31mred\n",
      "x".repeat(99),
    ];
    const suggestions = Object.fromEntries(
      names.map((name, i) => [name, i % 2 ? { lr: null, reason: name } : found(1)]),
    );
    const table = suggestionTable(
      suggestions,
      names.map((name) => named(name, `${name} ${name}`)),
      { columns },
    );
    const widths = new Set(table.split("\n").map(widthOf));
    expect(widths.size).toBe(1);
    expect(Math.max(...widths)).toBeLessThanOrEqual(columns);
    expect(table.replaceAll("\n", "")).not.toMatch(/\p{Cc}/u);
    for (const line of table.split("\n")) expect(line).toMatch(/^[┌│├└].*[┐│┤┘]$/u);
  });

  test.each([
    [20, [3, 3, 4]],
    [22, [4, 4, 4]],
    [24, [4, 6, 4]],
    [26, [4, 7, 5]],
    [34, [8, 7, 9]],
    [80, [9, 7, 10]],
  ])("in %i columns gives rates a third or all but 8, names half of what is left", (columns, widths) => {
    const table = suggestionTable({ suggester: found(0.0052512) }, [named("suggester")], { columns });
    const cells = table.split("\n")[0]!.slice(1, -1).split("┬");
    expect(cells.map(({ length }) => length - 2)).toEqual(widths);
  });

  test("is as wide as the terminal where no width is given", () => {
    const long = [named("mine", "word ".repeat(60).trim())];
    for (const columns of [30, 120]) {
      vi.stubEnv("COLUMNS", String(columns));
      expect(widthOf(suggestionTable({ mine: found(1) }, long).split("\n")[0]!)).toBeLessThanOrEqual(columns);
      expect(suggestionTable({ mine: found(1) }, long)).toBe(
        suggestionTable({ mine: found(1) }, long, { columns }),
      );
    }
  });

  test.each([[19], [40.5], [Number.NaN], ["80"], [null]])("refuses a width of %s by name", (columns) => {
    const call = () => suggestionTable({}, [], { columns: columns as number });
    expect(call).toThrow(OptionError);
    expect(call).toThrow(/^suggestionTable: expected columns to be an integer in \[20, 1000\], got /);
  });
});

test("one rate is one text: in the plot, the table and the warnings", async () => {
  const suggestFuncs = [valley, slide, steep, minimum, edge] as const;
  const result = await lrFind(new ToyTrainer(), { suggestFuncs });
  const plot = toTerminal(result, { columns: 100, color: false });
  const table = suggestionTable(result.suggestions, suggestFuncs);
  const warnings = result.diagnostics.map(({ message }) => message).join("\n");
  for (const { name } of suggestFuncs) {
    const { lr } = result.suggestions[name];
    expect(plot).toContain(`${name} ${formatRate(lr)}`);
    expect(table).toMatch(new RegExp(`${name} +│ ${formatRate(lr).replace(".", "\\.")} `));
  }
  for (const [, rate, name] of warnings.matchAll(/([\d.e-]+) \((\w+)\)/g)) {
    expect(rate).toBe(formatRate(result.suggestions[name as "edge"].lr));
  }
});
