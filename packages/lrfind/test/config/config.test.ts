import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { expect, test } from "vitest";
import { addReport } from "../../src/command/declared/report.js";
import { addRun } from "../../src/command/declared/run.js";
import { addSuggest } from "../../src/command/declared/suggest.js";
import { addSweep, addWorker } from "../../src/command/declared/sweep.js";
import { addPredict, addTrain } from "../../src/command/declared/train.js";

/** What is of one run alone: nobody has it always the same. */
const ONCE = ["json", "stream", "dryRun", "svg", "png", "html"];
const ONCE_OF: Readonly<Record<string, readonly string[]>> = {
  train: ["lr", "task"],
  predict: ["out"],
  sweep: ["locked", "tensorboard", "csv"],
};

test("the types have every flag that may be always the same, and no other", () => {
  const source = readFileSync(join(import.meta.dirname, "../../src/config/config.ts"), "utf8");
  const rangeTest = ["startLr", "endLr", "numIt", "sweep", "stopDiv", "divFactor", "beta", "lossOn", "seed"];
  const program = new Command();
  for (const add of [addRun, addSuggest, addTrain, addPredict, addReport, addSweep, addWorker])
    add(program, async () => {});
  for (const command of program.commands) {
    const section = new RegExp(`^ {2}readonly ${command.name()}\\?:([\\s\\S]*?)\\n {2}\\};`, "m").exec(
      source,
    )?.[1];
    expect(section, command.name()).toBeDefined();
    const typed = Array.from(section!.matchAll(/^ {4}readonly (\w+)\?:/gm), ([, name]) => name!);
    if (section!.includes("RangeTestOptions")) typed.push(...rangeTest);
    const flags = command.options
      .map((option) => option.attributeName())
      .filter((name) => ![...ONCE, ...(ONCE_OF[command.name()] ?? [])].includes(name));
    expect(typed.sort(), command.name()).toEqual([...new Set(flags)].sort());
  }
});
