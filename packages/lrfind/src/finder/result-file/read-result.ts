import {
  arrayOf,
  type Check,
  checkArgument,
  type Fail,
  integer,
  number,
  oneOf,
  required,
  string,
} from "../../core/index.js";
import { suggestions as suggestionsCheck, trainerInfo } from "../checks.js";
import { checkCurve } from "../curve/check-curve.js";
import type { Curve } from "../curve/curve.js";
import { checkFields, cost, diagnostics, milliseconds, object } from "../data-checks.js";
import { ResultFormatError } from "../errors.js";
import { numberOf, numbersOf } from "../json-text.js";
import type {
  Band,
  Finding,
  FindRun,
  LrFindResult,
  RunSet,
  SearchFacts,
  SearchOptionsRecord,
  SearchResult,
} from "../search/result.js";
import { RECORDED_OPTIONS } from "../stream/check-event.js";

/** What tells a result's file from another. */
export const FORMAT = "lrfind-result";
/** Raised with a change that an earlier reader would misread; every later one reads all versions. */
export const VERSION = 1;

const rate = number({ above: 0 });
const rateOrNull: Check = {
  expected: "a rate above 0, or null",
  accepts: (value) => value === null || rate.accepts(value),
};
const ratesOrNull: Check = {
  expected: "a rate above 0 for every group, or null",
  accepts: (value) => value === null || (Array.isArray(value) && value.every(rate.accepts)),
};
const objects = required(arrayOf(object));

const FACTS: Readonly<Record<string, Check>> = {
  options: object,
  paramGroups: required(arrayOf(string)),
  trainer: trainerInfo,
  lrs: required(ratesOrNull),
  durationMs: milliseconds,
  validation: cost,
  findings: objects,
};
const FINDING = {
  curve: object,
  suggestions: object,
  diagnostics: required(diagnostics),
  runs: { ...object, required: false },
};
const RUNS = { each: objects, band: object, spread: object };
const RUN = { seed: required(integer()), curve: object, suggestions: object };
const SPREAD = {
  low: required(rateOrNull),
  high: required(rateOrNull),
  answered: required(integer({ min: 0 })),
  of: required(integer({ min: 1 })),
};

/** The result that a file's object stands for. */
export function readResult(where: string, file: object): SearchResult {
  const fail: Fail = ({ option, expected, received, hint }) => {
    throw new ResultFormatError(where, { field: option, expected, received, hint });
  };
  const { format, version } = file as Record<string, unknown>;
  checkArgument(where, "format", format, { ...oneOf(FORMAT), hint: () => formatHint(file) }, fail);
  checkArgument(where, "version", version, { ...oneOf(VERSION), hint: () => "a newer lrfind" }, fail);
  checkFields(where, file, { path: "", checks: FACTS, fail });
  const { options, paramGroups, trainer, lrs, durationMs, validation, findings, lr } = file as SearchFacts & {
    readonly findings: readonly object[];
    readonly lr: number | null;
  };
  checkFields(where, options, { path: "options", checks: RECORDED_OPTIONS, fail });
  const names = options.suggestFuncs;
  const read = findings.map((finding, i) =>
    readFinding({ where, fail, names, path: `findings[${i}]` }, finding),
  );
  const facts = {
    options: optionsOf(options),
    paramGroups,
    ...(trainer === undefined ? {} : { trainer }),
    lossOn: options.lossOn,
    durationMs,
    ...(validation === undefined ? {} : { validation }),
  };
  if (options.groups === "each") {
    const groups = read.map((finding, i) => {
      const { group } = findings[i] as { group?: unknown };
      checkArgument(where, `findings[${i}].group`, group, string, fail);
      return { ...finding, group: group as string };
    });
    return { groups, diagnostics: groups.flatMap(({ diagnostics }) => diagnostics), lrs, ...facts };
  }
  const one: Check = { expected: "one finding", accepts: (value) => (value as unknown[]).length === 1 };
  checkArgument(where, "findings", findings, one, fail);
  checkArgument(where, "lr", lr, rateOrNull, fail);
  return { ...read[0]!, lr, lrs, ...facts } satisfies LrFindResult;
}

function formatHint(file: object): string {
  return "loss" in file ? "parseCurve, for a curve.json" : "toJson(result)";
}

/** The options without what a later version may have added. */
function optionsOf(options: SearchOptionsRecord): SearchOptionsRecord {
  const known = Object.entries(options).filter(([name]) => name in RECORDED_OPTIONS);
  return Object.fromEntries(known) as unknown as SearchOptionsRecord;
}

/** What every part of a file is read with. */
interface Reading {
  readonly where: string;
  readonly fail: Fail;
  /** Where the part is: `findings[0].runs`. */
  readonly path: string;
  /** The suggesters that were asked. */
  readonly names: readonly string[];
}

function readFinding(reading: Reading, finding: object): Finding {
  const { where, fail, path } = reading;
  checkFields(where, finding, { path, checks: FINDING, fail });
  const { curve, suggestions, diagnostics: warnings, runs } = finding as Finding;
  return {
    curve: readCurve(reading, curve),
    suggestions: readSuggestions(reading, suggestions),
    diagnostics: warnings,
    ...(runs === undefined ? {} : { runs: readRuns({ ...reading, path: `${path}.runs` }, runs) }),
  };
}

function readRuns(reading: Reading, runs: RunSet): RunSet {
  const { where, fail, path } = reading;
  checkFields(where, runs, { path, checks: RUNS, fail });
  const { each, band, spread } = runs;
  for (const [name, part] of Object.entries(spread)) {
    checkArgument(where, `${path}.spread.${name}`, part, object, fail);
    checkFields(where, part, { path: `${path}.spread.${name}`, checks: SPREAD, fail });
  }
  return {
    each: each.map((run, i) => readRun({ ...reading, path: `${path}.each[${i}]` }, run)),
    band: readBand(reading, band),
    spread,
  };
}

function readRun(reading: Reading, run: FindRun): FindRun {
  checkFields(reading.where, run, { path: reading.path, checks: RUN, fail: reading.fail });
  const { seed, curve, suggestions } = run;
  return { seed, curve: readCurve(reading, curve), suggestions: readSuggestions(reading, suggestions) };
}

function readCurve({ where, path }: Reading, { numIt, stop, lr, loss, smoothed }: Curve): Curve {
  const curve = { numIt, stop, lr, loss: numbersOf(loss), smoothed: numbersOf(smoothed) } as Curve;
  checkCurve(`${where} ${path}.curve`, curve);
  return curve;
}

function readBand({ where, fail, path }: Reading, { lr, low, high }: Band): Band {
  const band = { lr, low: numbersOf(low), high: numbersOf(high) };
  const column: Check = {
    expected: "a list of numbers, as long as band.lr",
    accepts: (value) =>
      Array.isArray(value) &&
      value.length === Object(lr).length &&
      value.every((part) => typeof part === "number"),
  };
  checkFields(where, band, {
    path: `${path}.band`,
    checks: { lr: required(column), low: required(column), high: required(column) },
    fail,
  });
  return band as Band;
}

function readSuggestions({ where, fail, path, names }: Reading, given: Finding["suggestions"]) {
  const read = Object.fromEntries(
    Object.entries(given).map(([name, suggestion]) => {
      const { point } = Object(suggestion) as { point?: { lr: unknown; loss: unknown } | null };
      if (typeof point !== "object" || point === null) return [name, suggestion];
      return [name, { ...suggestion, point: { ...point, loss: numberOf(point.loss) } }];
    }),
  ) as Finding["suggestions"];
  checkArgument(where, `${path}.suggestions`, read, suggestionsCheck, fail);
  const all: Check = {
    expected: `suggestions of ${names.join(", ")}`,
    accepts: () => names.every((name) => Object.hasOwn(read, name)),
  };
  checkArgument(where, `${path}.suggestions`, read, all, fail);
  return read;
}
