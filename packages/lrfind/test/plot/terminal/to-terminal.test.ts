import { execFileSync } from "node:child_process";
import { stripVTControlCharacters } from "node:util";
import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { asciiOf } from "../../../src/command/ascii.js";
import { widthOf } from "../../../src/draw/index.js";
import { toTerminal } from "../../../src/plot/index.js";
import { curveOf, pictureCases, resultOf } from "../recorded.js";

const sizeOf = (text: string) => {
  const lines = text.split("\n");
  return { rows: lines.length, columns: Math.max(...lines.map((line) => widthOf(line))) };
};

describe.each(Object.entries(await pictureCases()))("%s", (name, result) => {
  test("text", async () => {
    const text = toTerminal(result, { color: false });
    await expect(`${text}\n`).toMatchFileSnapshot(`references/${name}.txt`);
  });

  test.each([40, 60, 200])("text at %i columns", async (columns) => {
    const text = toTerminal(result, { columns, color: false });
    await expect(`${text}\n`).toMatchFileSnapshot(`references/${columns}/${name}.txt`);
  });

  test("text without Unicode", async () => {
    const text = asciiOf(toTerminal(result, { columns: 60, color: false }));
    await expect(`${text}\n`).toMatchFileSnapshot(`references/ascii/${name}.txt`);
    // No character is lost: what stood for one thing does not become a question mark.
    expect(text).not.toMatch(/[^\n -~]|\?/);
  });

  test.each([
    [80, 24],
    [40, 12],
    [20, 12],
    [133, 50],
    [200, 60],
  ])("fits %i x %i", (columns, rows) => {
    const size = sizeOf(toTerminal(result, { columns, rows, color: false }));
    expect(size.columns).toBeLessThanOrEqual(columns);
    expect(size.rows).toBeLessThanOrEqual(rows);
  });

  test("colour changes nothing but colour", () => {
    const colored = toTerminal(result, { color: true });
    expect(stripVTControlCharacters(colored)).toBe(toTerminal(result, { color: false }));
    expect(colored).not.toBe(toTerminal(result, { color: false }));
  });
});

test("whatever the curve, the plot fits and does not throw", () => {
  const any = fc.oneof(fc.double(), fc.double({ min: -10, max: 10 }));
  const rows = fc.array(
    fc.record({ lr: fc.double({ min: 1e-9, max: 100, noNaN: true }), loss: any, smoothed: any }),
  );
  fc.assert(
    fc.property(
      rows,
      fc.integer({ min: 20, max: 200 }),
      fc.integer({ min: 12, max: 40 }),
      (points, columns, rows) => {
        const sorted = points.toSorted((a, b) => a.lr - b.lr);
        const curve = {
          numIt: 20,
          stop: "completed",
          lr: sorted.map(({ lr }) => lr),
          loss: sorted.map(({ loss }) => loss),
          smoothed: sorted.map(({ smoothed }) => smoothed),
        } as const;
        const suggestions = { mine: { lr: 0.01, point: { lr: 0.01, loss: 1 } } };
        const size = sizeOf(toTerminal({ curve, suggestions }, { columns, rows, color: false }));
        expect(size.columns).toBeLessThanOrEqual(columns);
        expect(size.rows).toBeLessThanOrEqual(rows);
      },
    ),
  );
});

test("rates on a narrow axis stand in one line", () => {
  const lr = [1e-8, 0.0167];
  const curve = { numIt: 20, stop: "completed", lr, loss: [0, 0], smoothed: [0, -1e-112] } as const;
  const text = toTerminal({ curve, suggestions: {} }, { columns: 20, rows: 12, color: false });
  expect(text.split("\n").filter((line) => /^ *[\d.e-]+( +[\d.e-]+)*$/.test(line))).toHaveLength(1);
});

test("each suggestion has a letter of its own, in the plot and in the legend", () => {
  const text = toTerminal(resultOf(curveOf("letter_mlp_adamw-seed0")), { color: false, raw: false });
  const plot = text.slice(0, text.indexOf("━ smoothed loss"));
  for (const letter of ["V", "S", "T", "M", "E"]) expect(plot.split("\n").slice(1).join()).toContain(letter);
  expect(text).toMatch(/V valley .*S slide .*\n?.*T steep .*\n?.*M minimum .*\n?.*E edge/);
});

/** Names as nobody should choose them: wide, combining, joined, with what a terminal obeys. */
const odd = [
  "学習率の提案",
  "e\u0301\u0302",
  "👩‍👩‍👧 🫠",
  "\u001b[2J\u001b]0;owned\u0007red",
  "a\nb\tc",
  "\u202eevil",
  "",
];

test.each([20, 21, 40, 80, 200])("names of any kind keep the frame, %i columns wide", (columns) => {
  const curve = curveOf("letter_mlp_adamw-seed0");
  const point = { lr: 0.001, loss: 1 };
  const suggestions = Object.fromEntries(
    odd.flatMap((name) => [
      [name, { lr: 0.001, point }],
      [`${name} too`, { lr: null, reason: "" }],
    ]),
  );
  for (const group of odd) {
    const text = toTerminal({ curve, suggestions, group }, { columns, rows: 40, color: false });
    expect(text.replaceAll("\n", "")).not.toMatch(/\p{Cc}|\u202e/u);
    expect(text).not.toContain("owned");
    for (const line of text.split("\n")) expect(widthOf(line), line).toBeLessThanOrEqual(columns);
    // The axis stands in one column: nothing wide has come between.
    const axes = text.split("\n").filter((line) => /^ *[\d.e-]* *[┤│└]/u.test(line));
    expect(axes.length).toBeGreaterThan(8);
    expect(new Set(axes.map((line) => line.search(/[┤│└]/))).size).toBe(1);
  }
});

test("is as wide as the terminal, where no width is given", () => {
  const result = resultOf(curveOf("fm_mlp_sgd-seed0"));
  for (const columns of [30, 150]) {
    vi.stubEnv("COLUMNS", String(columns));
    expect(toTerminal(result, { color: false })).toBe(toTerminal(result, { color: false, columns }));
  }
  vi.unstubAllEnvs();
});

test("more suggestions than fit end in an ellipsis", () => {
  const curve = curveOf("letter_mlp_adamw-seed0");
  const many = Array.from({ length: 60 }, (_, i) => [
    `suggester${i}`,
    { lr: 0.001, point: { lr: 0.001, loss: 1 } },
  ]);
  const text = toTerminal({ curve, suggestions: Object.fromEntries(many) }, { color: false });
  expect(text.endsWith("…")).toBe(true);
  expect(sizeOf(text).rows).toBeLessThanOrEqual(24);
});

test("a wrong size is refused by name", () => {
  const result = resultOf(curveOf("fm_mlp_sgd-seed0"));
  expect(() => toTerminal(result, { columns: 10 })).toThrow(/expected columns .* in \[20, 1000\], got 10/);
  expect(() => toTerminal(result, { rows: 20.5 })).toThrow(/expected rows .* got 20.5/);
});

test("writes no colours into a pipe, on any Node, unless they are forced", () => {
  const index = JSON.stringify(new URL("../../../src/plot/index.ts", import.meta.url).href);
  const script = `const { toTerminal } = await import(${index});
    const lr = Array.from({ length: 30 }, (_, i) => 10 ** (i / 6 - 5));
    const loss = lr.map((rate) => 1 / (1 + rate));
    const point = { lr: 0.1, loss: 0.9 };
    console.log(toTerminal({ curve: { numIt: 30, stop: "completed", lr, loss, smoothed: loss }, suggestions: { valley: { lr: 0.1, point } } }));`;
  const run = (env: Record<string, string>) => {
    // In CI, too, colours are shown: its logs render them.
    const { FORCE_COLOR: _, NO_COLOR: __, CI: ___, ...rest } = process.env;
    const options = { env: { ...rest, ...env }, encoding: "utf8" } as const;
    return execFileSync(process.execPath, ["--import", "tsx", "--input-type=module", "-e", script], options);
  };
  const plain = run({});
  expect(plain).toContain("valley 0.1");
  expect(plain).toBe(stripVTControlCharacters(plain));
  const forced = run({ FORCE_COLOR: "1" });
  expect(forced).not.toBe(plain);
  expect(stripVTControlCharacters(forced)).toBe(plain);
});
