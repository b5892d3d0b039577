import type { Command } from "commander";
import { loggedRates, names, number, oneOf, SUGGESTER_NAMES } from "./flags.js";

/** Adds `lrfind suggest LOG…`. */
export function addSuggest(program: Command, run: (logs: string[], command: Command) => Promise<void>): void {
  program
    .command("suggest")
    .argument(
      "<log...>",
      "recorded range tests; files of which one holds rates and one losses are joined by the step",
    )
    .summary("read a learning rate off a recorded log")
    .description("Reads learning rates off range tests that a training script or another finder recorded.")
    .option(
      "--suggest-funcs <names>",
      "suggesters, the first of which gives the answer",
      names,
      SUGGESTER_NAMES,
    )
    .option("--lr <column>", "the column with the learning rate")
    .option("--loss <column>", 'the column with the loss, or a sum: "box_loss + cls_loss"')
    .option("--step <column>", "the column that numbers the steps")
    .option(
      "--rates <from:to>",
      "the rates of the first and the last step, where none were logged",
      loggedRates,
    )
    .option(
      "--smoothing <whose>",
      "smoothing of the losses to take back: auto, none, lightning, fastai, torch-lr-finder",
      oneOf("auto", "none", "lightning", "fastai", "torch-lr-finder"),
      "auto",
    )
    .option("--max-size <mb>", "refuse larger files, in megabytes", number, 64)
    .option("--no-plot", "draw no plot in the terminal")
    .option("--svg <file>", "write the picture as SVG; several logs overlay in it")
    .option("--png <file>", "write the picture as PNG")
    .option(
      "--html <file>",
      "write a report: one page with the curve and how each suggester came to its rate",
    )
    .option("--json", "print the answer as JSON")
    .option("--dry-run", "say how each log is read, and read no rate")
    .action((logs: string[], _, command: Command) => run(logs, command))
    .addHelpText("before", `${EXAMPLES}\n`);
}

const EXAMPLES = `Examples:
  lrfind suggest lr_finder.json            Lightning's, fastai's or torch-lr-finder's log
  lrfind suggest metrics.csv --svg lr.svg  a CSV with a rate and a loss, and its picture
  lrfind suggest lr.csv loss.csv           two files, joined by the step
  lrfind suggest log.csv --rates 1e-7:10   losses alone, of a sweep from 1e-7 to 10
`;
