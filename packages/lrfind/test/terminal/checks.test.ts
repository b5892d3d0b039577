import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { expect, it } from "vitest";
import {
  type Boundary,
  boundary,
  expectArgument,
  expectBoundaries,
  text,
} from "../../../../test/support/boundaries.js";
import { LrfindError, OptionError } from "../../src/core/index.js";
import { lrFind, ResultFormatError, valley } from "../../src/finder/index.js";
import {
  progress,
  progressCallback,
  saveResult,
  showPoints,
  suggestionTable,
} from "../../src/terminal/index.js";
import { ToyTrainer } from "../finder/toy-trainer.js";

const stream = boundary([new PassThrough()], [null, "out.txt", 3, {}]);
const column = Array.from({ length: 20 }, (_, i) => (i + 1) / 10);
const curve = { numIt: 20, stop: "completed", lr: column, loss: column, smoothed: column } as const;

it.each<[string, (value: never) => unknown, Boundary]>([
  ["progress title", progress, text],
  ["progress stream", (out) => progress("a", out), stream],
  ["showPoints", showPoints, boundary([progress("a")], [progress, null, {}, 3])],
  [
    "suggestionTable suggestions",
    (given) => suggestionTable(given, [valley]),
    boundary([{}], [null, 1, [], { valley: {} }]),
  ],
  [
    "suggestionTable suggesters",
    (given) => suggestionTable({}, given),
    boundary([[], [valley]], [null, valley, [{}], [null], ["valley"]]),
  ],
])("%s", (_, call, values) => expectArgument(call, values));

it("progressCallback", () => expectBoundaries(progressCallback, { bar: stream, table: stream }));

it.each([undefined, null, "", 3, "a\0b", ["a"]])("saveResult refuses the directory %o", async (directory) => {
  const saving = saveResult({ curve, suggestions: {} } as never, directory as never);
  await expect(saving).rejects.toThrow("saveResult: expected directory to be the path of a directory");
});

it.each([undefined, null, {}, curve])("saveResult refuses the result %o", async (result) => {
  await expect(saveResult(result as never, "/nowhere")).rejects.toThrow(OptionError);
});

it("saveResult refuses a curve with suggestions, of which nobody knows what was asked", async () => {
  await expect(saveResult({ curve, suggestions: {} } as never, "/nowhere")).rejects.toThrow(
    ResultFormatError,
  );
});

it("saveResult names the directory that it cannot write to, with the system's error", async () => {
  const parent = await mkdtemp(join(tmpdir(), "lrfind-"));
  try {
    const file = join(parent, "file");
    await writeFile(file, "");
    const result = await lrFind(new ToyTrainer(), { numIt: 12 });
    const error = await saveResult(result, file).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(LrfindError);
    expect((error as LrfindError).message).toContain(file);
    expect((error as LrfindError).cause).toBeInstanceOf(Error);
  } finally {
    await rm(parent, { recursive: true });
  }
});
