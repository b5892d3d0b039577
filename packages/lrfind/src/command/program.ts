import { Command, CommanderError } from "commander";
import { configure } from "./configured.js";
import { addReport } from "./declared/report.js";
import { addRun } from "./declared/run.js";
import { addSuggest } from "./declared/suggest.js";
import { addJob, addSweep, addWorker } from "./declared/sweep.js";
import { addPredict, addTrain } from "./declared/train.js";
import { EXIT, failureOf } from "./failure.js";
import type { Host } from "./host.js";
import { VERSION } from "./version.js";

const EXAMPLES = `Examples:
  lrfind train data.csv               a model of a table or a folder of images, without code
  lrfind suggest lr_finder.json       a rate off a log that somebody recorded
  lrfind run trainer.ts               a rate for the trainer that a module exports
  lrfind sweep sweep.ts               range tests, then trainings around their answers, on all cores
  lrfind report lr-find/result.json   a page of a result
`;

/**
 * Runs the command.
 *
 * @param argv - What stands behind its name.
 * @returns The exit code: 0 a rate was found, 1 none, 2 bad input, 130 stopped by Ctrl-C.
 */
export async function runCommand(argv: readonly string[], host: Host): Promise<number> {
  let exitCode: number = EXIT.found;
  const program = programOf(host, async (command, act) => {
    await configure(command, host);
    exitCode = await act(command.opts());
  });
  try {
    if (argv.length === 0) program.outputHelp();
    else await program.parseAsync(argv, { from: "user" });
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.found : EXIT.badInput;
    const failure = failureOf(error, host.env);
    host.err(`lrfind: ${failure.message}\n`);
    return failure.exitCode;
  }
  return exitCode;
}

type Act = (command: Command, act: (flags: never) => Promise<number>) => Promise<void>;

function programOf(host: Host, act: Act): Command {
  const program = new Command("lrfind")
    .description("The learning rate finder: a rate, a picture, and how far to trust them.")
    .version(VERSION, "-v, --version", "print the version")
    .option("--config <file>", "a configuration other than lrfind.config.ts")
    .option("--no-config", "read no configuration")
    .helpOption("-h, --help", "show this help")
    .configureOutput({
      writeOut: (text) => host.out(text),
      writeErr: (text) => host.err(text),
      outputError: (text, write) =>
        write(text.replace(/^error: /, "lrfind: ").replace(/\n\((Did you mean [^)]*)\)/, "; $1")),
      getOutHelpWidth: () => Number(host.env["COLUMNS"]) || process.stdout.columns || 80,
    })
    .exitOverride()
    .addHelpText("before", `${EXAMPLES}\n`)
    .addHelpText(
      "after",
      "\nExit codes: 0 a rate was found; 1 none, with the reason; 2 bad input; 130 stopped by Ctrl-C.",
    );
  // What an action needs is loaded when it runs: help must not wait for it.
  addRun(program, (file, command) =>
    act(command, async (flags) => (await import("./run.js")).runTrainer(file, flags, host)),
  );
  addSuggest(program, (logs, command) =>
    act(command, async (flags) => (await import("./suggest.js")).runSuggest(logs, flags, host)),
  );
  addTrain(program, (data, command) =>
    act(command, async (flags) => (await import("./train.js")).runTrain(data, flags, host)),
  );
  addPredict(program, (model, data, command) =>
    act(command, async (flags) => (await import("./train.js")).runPredict({ model, data }, flags, host)),
  );
  addSweep(program, (spec, command) =>
    act(command, async (flags) => (await import("./sweep/run-sweep.js")).runSweepFile(spec, flags, host)),
  );
  addJob(program, (job, command) =>
    act(command, async (flags) => (await import("./sweep/run-sweep.js")).runJobFile(job, flags, host)),
  );
  addWorker(program, (command) =>
    act(command, async (flags) => (await import("./sweep/worker.js")).runWorker(flags, host)),
  );
  addReport(program, (files, command) =>
    act(command, async (flags) => (await import("./report.js")).runReport(files, flags, host)),
  );
  for (const command of program.commands) {
    command
      .exitOverride()
      .showHelpAfterError(`(lrfind ${command.name()} --help shows all flags)`)
      .copyInheritedSettings(program);
  }
  return program;
}
