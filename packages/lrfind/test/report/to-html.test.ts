import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { pageModule } from "../../../../scripts/page.js";
import { OptionError } from "../../src/core/index.js";
import { lrFind, parseResult, toJson } from "../../src/finder/index.js";
import { partsToHtml, type RecordedFinding, toHtml } from "../../src/report/index.js";
import { ToyTrainer } from "../finder/toy-trainer.js";
import { findingOf, recorded, suggestFuncs } from "./results.js";

/** The JSON of an embedded script. */
function embedded(html: string, name: string): unknown[] {
  const scripts = html.matchAll(
    new RegExp(`<script type="application/json" class="${name}">(.*?)</script>`, "g"),
  );
  return Array.from(scripts, ([, json]) => JSON.parse(json!));
}

/** What a reader sees, without tags. */
function words(html: string): string {
  return html
    .replaceAll(/<(style|script|svg)[\s\S]*?<\/\1>/g, " ")
    .replaceAll(/<[^>]*>/g, " ")
    .replaceAll(/\s+/g, " ");
}

test("the bundled script is that of its sources: npm run page writes it", async () => {
  expect(readFileSync(new URL("../../src/report/page-script.ts", import.meta.url), "utf8")).toBe(
    await pageModule(),
  );
});

test("the answer comes first: rate, interval, why, and how far to trust it", async () => {
  const html = words(await toHtml(recorded()));
  const { valley } = recorded().suggestions;
  expect(html).toMatch(new RegExp(`Learning rate ${Number(valley!.lr!.toPrecision(3))}`));
  expect(html.indexOf("How far to trust it")).toBeLessThan(html.indexOf("The curve"));
  expect(html).toContain("by the 5 suggesters");
  expect(html).toContain("The longest descent is cut into thirds");
});

test("a search's facts, its runs and its command", async () => {
  const result = await lrFind(new ToyTrainer(), { numIt: 40, runs: 3, seed: 7, suggestFuncs });
  const html = await toHtml(result, { command: "lrfind run toy.ts --runs 3" });
  expect(words(html)).toContain("over 3 of 3 runs");
  expect(words(html)).toContain("Steps 40 in each of 3 runs Seed 7");
  expect(words(html)).toContain("lrfind run toy.ts --runs 3");
  const files = embedded(html, "files")[0] as Record<string, string>;
  expect(parseResult(files["result.json"])).toEqual(result);
  expect(files["curve.csv"]!.split("\n").length).toBe(result.curve.lr.length + 2);
  expect(files["plot.svg"]).toMatch(/^<svg/);
  // The same of a result that went through a file.
  expect(await toHtml(parseResult(toJson(result)), { command: "lrfind run toy.ts --runs 3" })).toBe(html);
});

test("a finding for each parameter group has a part of its own", async () => {
  const result = await lrFind(new ToyTrainer({ paramGroups: ["body", "head"] } as never), {
    numIt: 40,
    groups: "each",
  });
  const html = words(await toHtml(result));
  for (const group of ["body", "head"]) expect(html).toContain(`Learning rate of ${group}`);
});

test("several results are laid over one another", async () => {
  const html = await toHtml([
    { name: "a", result: recorded(1) },
    { name: "b", result: recorded(2) },
  ]);
  expect(words(html)).toContain("Side by side");
  expect(html.match(/<figure/g)?.length).toBe(3);
});

test("every suggester's how leads to the rate that stands in the result, or is left out", async () => {
  const finding = recorded();
  const [data] = embedded(await toHtml(finding), "data") as [{ marks: { name: string; why?: object }[] }];
  expect(data.marks.every(({ why }) => why !== undefined)).toBe(true);
  const slide = { ...finding.suggestions["slide"]!, lr: 0.5 };
  const other = { ...finding, suggestions: { ...finding.suggestions, slide } } as RecordedFinding;
  const [changed] = embedded(await toHtml(other), "data") as [{ marks: { name: string; why?: object }[] }];
  expect(changed.marks.filter(({ why }) => why === undefined).map(({ name }) => name)).toEqual(["slide"]);
});

describe("nothing in a result can break out of the page", () => {
  const evil = `</script><script>alert(1)</script><img src=x onerror=alert(1)>" onload="x`;
  test("names, notes, commands, messages", async () => {
    const { curve, suggestions } = recorded();
    const finding = {
      curve,
      suggestions: { [evil]: suggestions["valley"]! },
      diagnostics: [{ kind: "tooNoisy", message: evil } as const],
      group: evil,
    };
    for (const html of [
      await toHtml(finding, { title: evil, command: evil, notes: [evil] }),
      await toHtml([{ name: evil, result: finding }]),
    ]) {
      expect(html.match(/<script>/g)?.length).toBe(1);
      expect(html).not.toContain("<img");
      expect(html.replaceAll(/<script[\s\S]*?<\/script>/g, "")).not.toMatch(/" onload=/);
    }
  });
});

describe("degenerate results", () => {
  const flat = Array.from({ length: 60 }, (_, i) => 1e-5 * 1.2 ** i);
  const cases: Readonly<Record<string, RecordedFinding>> = {
    "no point": findingOf([], []),
    "one point": findingOf([0.1], [1]),
    "flat losses": findingOf(
      flat,
      flat.map(() => 1),
    ),
    "no finite loss": findingOf(
      flat,
      flat.map(() => Number.NaN),
    ),
    "no suggester": { curve: recorded().curve, suggestions: {} },
    "huge losses": findingOf(
      flat,
      flat.map((_, i) => 10 ** (5 * i)),
    ),
  };
  test.each(Object.entries(cases))("%s", async (_, finding) => {
    const html = await toHtml(finding);
    expect(words(html)).toContain("none found");
    expect(html.replace(/class="files">.*?<\/script>/, "")).not.toMatch(/NaN[,"\s]|undefined|Infinity/);
    embedded(html, "data");
  });
});

test("a million steps stay under a megabyte, and say so", async () => {
  const lr = Array.from({ length: 1e6 }, (_, i) => 1e-7 * 1e8 ** (i / 1e6));
  const html = await toHtml(
    findingOf(
      lr,
      lr.map((rate, i) => 2 - Math.min(1, rate * 100) + 0.01 * (i % 7)),
    ),
  );
  expect(html.length).toBeLessThan(1e6);
  expect(words(html)).toMatch(/The page holds \d+ of 1000000 steps/);
});

test("what is no result, and options that are none, are refused", async () => {
  const { curve, suggestions } = recorded();
  await expect(toHtml({ curve, suggestions, diagnostics: [1] } as never)).rejects.toThrow(OptionError);
  await expect(toHtml([] as never)).rejects.toThrow(/1 to 8 results with names/);
  await expect(toHtml(recorded(), { titles: "x" } as never)).rejects.toThrow(/try title/);
  await expect(toHtml(Array(9).fill({ name: "a", result: recorded() }))).rejects.toThrow(
    /1 to 8 results with names, got 9/,
  );
});

describe("parts", () => {
  const picture = { toSvg: () => '<svg xmlns="http://www.w3.org/2000/svg"><title>p</title></svg>' };
  const table = { columns: ["a", "b"], rows: [["1", "<i>2</i>"]] };
  const parts = [
    { heading: "First & last", picture },
    { heading: "Second", note: "A note.", table },
    { heading: "Third", code: "a < b && c;\nd;" },
  ];

  test("stand in their order, with a page of their own or with a result's", async () => {
    for (const html of [partsToHtml(parts, { title: "T" }), await toHtml(recorded(), { parts })]) {
      expect(html).toContain(picture.toSvg());
      expect(html).toContain("&lt;i&gt;2&lt;/i&gt;");
      const all = words(html);
      expect(all.indexOf("First & last")).toBeLessThan(all.indexOf("Second"));
      expect(all).toContain("A note.");
      expect(html).toContain("<code>a &lt; b &amp;&amp; c;\nd;</code>");
    }
  });

  test("what is none is refused", async () => {
    for (const part of [
      {},
      { heading: "h" },
      { heading: 1, picture },
      { heading: "h", picture: {} },
      { heading: "h", code: 1 },
      { heading: "h", table: { columns: ["a"], rows: [["1", "2"]] } },
      { heading: "h", table: { columns: ["a"], rows: [[1]] } },
      { heading: "h", note: 1, table },
    ]) {
      expect(() => partsToHtml([part] as never)).toThrow(OptionError);
      await expect(toHtml(recorded(), { parts: [part] } as never)).rejects.toThrow(OptionError);
    }
    expect(() => partsToHtml(parts, { parts } as never)).toThrow(/known option/);
  });
});
