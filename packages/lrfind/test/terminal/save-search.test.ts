import { spawn } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { OptionError } from "../../src/core/index.js";
import { type LrFindResult, parseResult, resultOf, search } from "../../src/finder/index.js";
import { progress, saveSearch, showSearch } from "../../src/terminal/index.js";
import { ToyTrainer } from "../finder/toy-trainer.js";

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "lrfind-"));
  file = join(folder, "new", "result.json");
});
afterEach(() => rm(folder, { recursive: true }));

const saved = async () => parseResult(await readFile(file, "utf8")) as LrFindResult;

/** The same save for the end of the clock. */
const timeless = (result: object) => ({ ...result, durationMs: 0 });

it("leaves the result, and passes every event on", async () => {
  const kinds: string[] = [];
  for await (const { kind } of saveSearch(search(new ToyTrainer(), { numIt: 12 }), file)) kinds.push(kind);
  expect(kinds).toEqual([
    "started",
    "runStarted",
    ...Array(12).fill("point"),
    "runEnded",
    "finding",
    "ended",
  ]);
  const found = await resultOf(saveSearch(search(new ToyTrainer(), { numIt: 12, runs: 2 }), file));
  expect(timeless(await saved())).toEqual(timeless(found));
  expect(await readdir(join(folder, "new"))).toEqual(["result.json"]);
});

describe("what was measured is in the file", () => {
  it("at the first event, and after every point where no time need pass", async () => {
    const lengths: number[] = [];
    for await (const event of saveSearch(search(new ToyTrainer(), { numIt: 6 }), file, { everyMs: 0 })) {
      if (event.kind === "started" || event.kind === "point") lengths.push((await saved()).curve.lr.length);
    }
    expect(lengths).toEqual([0, 1, 2, 3, 4, 5, 6]);
  });

  it.each(["throws", "is left"])("where the trainer or the loop %s", async (how) => {
    const trainer = new ToyTrainer({
      onStep: (step) => {
        if (step === 5 && how === "throws") throw new Error("out of memory");
        return 1;
      },
    });
    const run = async () => {
      for await (const event of saveSearch(search(trainer), file, { everyMs: 1e9 })) {
        if (event.kind === "point" && event.step === 4 && how === "is left") break;
      }
    };
    if (how === "throws") await expect(run()).rejects.toThrow("out of memory");
    else await run();
    expect((await saved()).curve).toMatchObject({ stop: "aborted", loss: [1, 1, 1, 1, 1] });
    expect(trainer.log.disposals).toBe(1);
  });

  it("after kill -9", async () => {
    const program = fileURLToPath(new URL("save-search-program.ts", import.meta.url));
    const child = spawn(process.execPath, ["--import", "tsx", program, file], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    for await (const text of child.stdout) if (String(text).includes("8 steps")) break;
    child.kill("SIGKILL");
    const { curve, diagnostics } = await saved();
    expect(curve.stop).toBe("aborted");
    expect(curve.lr.length).toBeGreaterThanOrEqual(8);
    expect(diagnostics[0]).toMatchObject({ kind: "aborted" });
  });
});

it("a file that cannot be written ends the search, with the training taken back", async () => {
  await writeFile(join(folder, "new"), "in the way");
  const trainer = new ToyTrainer();
  await expect(resultOf(saveSearch(search(trainer), file))).rejects.toThrow(file);
  expect(trainer.log.trials).toBe(trainer.log.disposals);
});

it.each([undefined, null, [], {}, "events"])("refuses %o as events, at once", (events) => {
  expect(() => saveSearch(events as never, file)).toThrow(OptionError);
  expect(() => saveSearch(search(new ToyTrainer()), file, { everyMs: -1 })).toThrow("everyMs");
});

it("showSearch draws the bar of the points", async () => {
  const stream = Object.assign(new PassThrough(), { isTTY: true, columns: 80 });
  const bar = progress("finding", stream);
  const show = showSearch(bar);
  for await (const event of search(new ToyTrainer({ onStep: () => 9 }), { numIt: 10 })) show(event);
  bar.stop();
  const drawn = String(stream.read());
  expect(drawn).toContain("10/10");
  expect(drawn).toMatch(/lr 1e-7 {2}loss 9\.000/);
  expect(() => showSearch({} as never)).toThrow("showSearch: expected bar to be a progress bar");
});
