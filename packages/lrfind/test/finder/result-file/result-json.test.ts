import { readdirSync, readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, it } from "vitest";
import {
  CurveFormatError,
  curveToJson,
  eventToJson,
  type LrFindResult,
  lrFind,
  parseCurve,
  parseEvent,
  parseResult,
  ResultFormatError,
  type SearchEvent,
  search,
  toJson,
} from "../../../src/finder/index.js";
import { toPng, toSvg, toTerminal } from "../../../src/plot/index.js";
import { ToyTrainer } from "../toy-trainer.js";
import { results } from "./kinds.js";

const schema = JSON.parse(readFileSync(new URL("../../../result.schema.json", import.meta.url), "utf8"));
const ajv = new Ajv2020({ allErrors: true, strict: true, strictRequired: false, strictTypes: false });
const isResult = ajv.compile(schema);
const isEvent = ajv.compile({ $ref: `${schema.$id}#/$defs/event` });

describe.each(Object.entries(results))("%s", (_, make) => {
  it("reads back to the same result, and draws the same bytes", async () => {
    const result = await make();
    const read = parseResult(toJson(result));
    expect(read).toEqual(result);
    expect(toJson(read)).toBe(toJson(result));
    expect(parseResult(JSON.parse(toJson(result)))).toEqual(result);
    expect(await toSvg(read)).toBe(await toSvg(result));
    expect(await toPng(read, { scale: 1 })).toEqual(await toPng(result, { scale: 1 }));
    expect(toTerminal(read)).toBe(toTerminal(result));
  });

  it("is what the schema says", async () => {
    isResult(JSON.parse(toJson(await make())));
    expect(isResult.errors).toBeNull();
  });
});

describe("what is spoilt", () => {
  const file = async () => JSON.parse(toJson(await results["runs-of-each"]!()));
  const together = async () => JSON.parse(toJson(await results["runs"]!()));

  // biome-ignore lint/suspicious/noExplicitAny: a file is JSON, spoilt by path
  it.each<[string, (file: any) => unknown, RegExp]>([
    ["another format", (f) => Object.assign(f, { format: "lr" }), /format to be "lrfind-result", got "lr"/],
    [
      "a later version",
      (f) => Object.assign(f, { version: 2 }),
      /version to be 1, got 2; try a newer lrfind/,
    ],
    ["no options", (f) => Object.assign(f, { options: undefined }), /options to be an object/],
    [
      "an option of the wrong kind",
      ({ options }) => Object.assign(options, { numIt: "100" }),
      /options\.numIt/,
    ],
    ["no findings", (f) => Object.assign(f, { findings: {} }), /findings/],
    ["a rate below 0", (f) => Object.assign(f, { lrs: [-1, 1] }), /lrs to be a rate above 0 for every group/],
    [
      "a group without name",
      ({ findings }) => Object.assign(findings[0], { group: 3 }),
      /findings\[0\]\.group/,
    ],
    [
      "diagnostics of text",
      ({ findings }) => Object.assign(findings[1], { diagnostics: ["bad"] }),
      /findings\[1\]\.diagnostics/,
    ],
    [
      "a suggester without answer",
      ({ findings }) => Object.assign(findings[0], { suggestions: {} }),
      /findings\[0\]\.suggestions to be suggestions of valley, slide/,
    ],
    [
      "a suggestion of text",
      ({ findings }) => Object.assign(findings[0].suggestions, { valley: "0.1" }),
      /findings\[0\]\.suggestions/,
    ],
    ["a shorter band", ({ findings }) => findings[0].runs.band.low.pop(), /findings\[0\]\.runs\.band\.low/],
    [
      "a spread without its ends",
      ({ findings }) => Object.assign(findings[0].runs.spread, { valley: {} }),
      /runs\.spread\.valley\.low/,
    ],
    [
      "a run without seed",
      ({ findings }) => Object.assign(findings[0].runs.each[1], { seed: null }),
      /runs\.each\[1\]\.seed/,
    ],
    ["a duration of text", (f) => Object.assign(f, { durationMs: "1 s" }), /durationMs/],
  ])("%s", async (_, spoil, message) => {
    const spoilt = await file();
    spoil(spoilt);
    expect(() => parseResult(spoilt)).toThrow(ResultFormatError);
    expect(() => parseResult(spoilt)).toThrow(message);
  });

  it("a curve, by the curve's own error, which says where", async () => {
    const spoilt = await file();
    spoilt.findings[1].curve.loss[2] = "much";
    expect(() => parseResult(spoilt)).toThrow(CurveFormatError);
    expect(() => parseResult(spoilt)).toThrow(
      'parseResult findings[1].curve: expected loss[2] to be a number, got "much"',
    );
  });

  it("two findings of all groups, or a rate that is none", async () => {
    const spoilt = await together();
    expect(() => parseResult({ ...spoilt, findings: [...spoilt.findings, ...spoilt.findings] })).toThrow(
      "expected findings to be one finding",
    );
    expect(() => parseResult({ ...spoilt, lr: "0.1" })).toThrow("expected lr to be a rate above 0, or null");
  });

  it.each(["", "{", "[]", "null", '"result"', undefined, 3])("%j, which is no result", (json) => {
    expect(() => parseResult(json)).toThrow(ResultFormatError);
    expect(() => parseResult(json)).toThrow(/^parseResult/);
  });

  it("a curve.json, and says what reads it", async () => {
    const { curve } = (await results["one"]!()) as LrFindResult;
    expect(() => parseResult(curveToJson(curve))).toThrow("try parseCurve, for a curve.json");
  });

  it("what is no result is not written either", async () => {
    const result = await results["one"]!();
    expect(() => toJson({ ...result, lrs: ["1"] } as never)).toThrow(/^toJson: expected lrs/);
    for (const bad of [undefined, null, [], "text"])
      expect(() => toJson(bad as never)).toThrow(/^toJson: expected result/);
  });

  it("a suggestion with what JSON cannot hold is not written, and says so", async () => {
    const result = (await results["one"]!()) as LrFindResult;
    const circular: Record<string, unknown> = { ...result.suggestions["valley"] };
    circular["self"] = circular;
    for (const valley of [circular, { ...result.suggestions["valley"], big: 1n }]) {
      const suggestions = { ...result.suggestions, valley };
      expect(() => toJson({ ...result, suggestions } as never)).toThrow(ResultFormatError);
      expect(() => toJson({ ...result, suggestions } as never)).toThrow(/^toJson: expected plain data/);
    }
  });

  it("is refused by the schema too, field by field", async () => {
    const whole = await file();
    expect(isResult(whole)).toBe(true);
    for (const field of ["format", "version", "options", "paramGroups", "lrs", "durationMs", "findings"]) {
      const { [field]: _, ...rest } = whole;
      expect(isResult(rest), field).toBe(false);
      expect(() => parseResult(rest), field).toThrow(ResultFormatError);
    }
    for (const field of Object.keys(whole.options)) {
      const options = { ...whole.options, [field]: {} };
      expect(isResult({ ...whole, options }), field).toBe(false);
      expect(() => parseResult({ ...whole, options }), field).toThrow(ResultFormatError);
    }
  });
});

it("fields that a later lrfind may add are let be", async () => {
  const result = await results["one"]!();
  const file = JSON.parse(toJson(result));
  const more = { ...file, colour: "red", options: { ...file.options, warmUp: 3 } };
  expect(parseResult(more)).toEqual(result);
  expect(isResult(more)).toBe(true);
});

describe("events", () => {
  const gather = async (onStep?: () => number) => {
    const events: SearchEvent[] = [];
    const trainer = new ToyTrainer(onStep && { onStep });
    for await (const event of search(trainer, { numIt: 6, runs: 2 })) events.push(event);
    return events;
  };

  it.each([undefined, () => Number.NaN])(
    "are a line each, which reads back the same and is what the schema says",
    async (onStep) => {
      for (const event of await gather(onStep)) {
        const line = eventToJson(event);
        expect(line).not.toContain("\n");
        expect(parseEvent(line)).toEqual(event);
        isEvent(JSON.parse(line));
        expect(isEvent.errors, event.kind).toBeNull();
      }
    },
  );

  it.each(["", "{", '{"kind":"points"}', '{"kind":"point"}', "null", undefined])("%j is refused", (line) => {
    expect(() => parseEvent(line)).toThrow(ResultFormatError);
  });

  it("what is none is not written", () => {
    expect(() => eventToJson({ kind: "point" } as never)).toThrow(/^eventToJson: expected event\.run/);
    expect(() => eventToJson({ kind: "ended", result: {} } as never)).toThrow(
      /^eventToJson: expected options/,
    );
  });
});

// Written by version 1, and kept: everything later reads them.
const fixtures = new URL("../../fixtures/results/", import.meta.url);
describe.each(readdirSync(fixtures).filter((name) => name.endsWith(".json")))("the file %s", (name) => {
  const text = readFileSync(new URL(name, fixtures), "utf8");

  it("is read", () => {
    if (name.startsWith("curve")) expect(curveToJson(parseCurve(text))).toBe(text);
    else expect(toJson(parseResult(text))).toBe(text);
  });

  it("is drawn as it was", async () => {
    const drawn = name.startsWith("curve") ? { curve: parseCurve(text), suggestions: {} } : parseResult(text);
    await expect(toTerminal(drawn, { columns: 80, color: false })).toMatchFileSnapshot(
      new URL(name.replace(".json", ".txt"), fixtures).pathname,
    );
  });
});

it("a result of lrFind is as good as one of search", async () => {
  const found = await lrFind(new ToyTrainer(), { numIt: 12 });
  const read = parseResult(toJson(found));
  expect("groups" in read ? undefined : read.lr).toBe(found.lr);
});
