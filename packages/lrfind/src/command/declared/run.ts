import type { Command } from "commander";
import { names, number, oneOf, rates, SUGGESTER_NAMES } from "./flags.js";

/** Adds `lrfind run FILE`. */
export function addRun(program: Command, run: (file: string, command: Command) => Promise<void>): void {
  program
    .command("run")
    .argument(
      "<file>",
      "a TypeScript or JavaScript module whose default export is a Trainer, a Learner, or makes one",
    )
    .summary("find a learning rate for a trainer")
    .description("Searches a learning rate for the trainer that a module exports, and leaves it as it was.")
    .option("--num-it <steps>", "number of steps", number, 100)
    .option(
      "--start-lr <rate>",
      "rate of the first step; a comma between those of several groups",
      rates,
      1e-7,
    )
    .option("--end-lr <rate>", "rate that the sweep runs towards", rates, 10)
    .option(
      "--sweep <form>",
      "spacing of the rates: exponential or linear",
      oneOf("exponential", "linear"),
      "exponential",
    )
    .option("--no-stop-div", "go on when the loss has diverged")
    .option("--div-factor <times>", "how many times its best value the loss may reach", number, 4)
    .option("--beta <factor>", "smoothing of the losses", number, 0.98)
    .option(
      "--loss-on <which>",
      "which loss is recorded: train or validation",
      oneOf("train", "validation"),
      "train",
    )
    .option("--runs <count>", "range tests to average", number, 1)
    .option("--seed <number>", "batch order and initial weights", number)
    .option(
      "--groups <how>",
      "sweep parameter groups together, or each alone",
      oneOf("together", "each"),
      "together",
    )
    .option("--held-lr <rate>", "rate of the groups that are not swept", number, 0)
    .option(
      "--suggest-funcs <names>",
      "suggesters, the first of which gives the answer",
      names,
      SUGGESTER_NAMES,
    )
    .option("--out <folder>", "where the result is written", "lr-find")
    .option("--no-plot", "draw no plot in the terminal")
    .option("--json", "print the result as JSON")
    .option("--stream", "print the search's events while it runs, one JSON object a line")
    .option("--dry-run", "load the trainer, check the options, and train nothing")
    .action((file: string, _, command: Command) => run(file, command))
    .addHelpText("before", `${EXAMPLES}\n`);
}

const EXAMPLES = `Examples:
  lrfind run trainer.ts                    a rate, a plot, and lr-find/result.json
  lrfind run trainer.ts --runs 3 --seed 1  three range tests, for an interval
  lrfind run trainer.ts --stream > log     every event as a line of JSON
`;
