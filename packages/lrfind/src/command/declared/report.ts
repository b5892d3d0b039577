import type { Command } from "commander";
import { number } from "./flags.js";

/** Adds `lrfind report RESULT…`. */
export function addReport(program: Command, run: (files: string[], command: Command) => Promise<void>): void {
  program
    .command("report")
    .argument("<result...>", "result.json or curve.json of lrfind; several are compared")
    .summary("make a page of a result, or compare several")
    .description(
      "Makes one self-contained page of results: the rate, the curve, and how each suggester came to it.",
    )
    .option("-o, --out <file>", "the page", "report.html")
    .option("--title <text>", "its heading")
    // A result may hold many runs of many steps, and is lrfind's own.
    .option("--max-size <mb>", "refuse larger files, in megabytes", number, 512)
    .action((files: string[], _, command: Command) => run(files, command))
    .addHelpText("before", `${EXAMPLES}\n`);
}

const EXAMPLES = `Examples:
  lrfind report lr-find/result.json             report.html
  lrfind report a/result.json b/result.json     two of them on common axes
`;
