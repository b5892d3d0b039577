import { type Command, InvalidArgumentError } from "commander";
import { number, oneOf } from "./flags.js";

/** Adds `lrfind train DATA`. */
export function addTrain(program: Command, run: (data: string, command: Command) => Promise<void>): void {
  program
    .command("train")
    .argument(
      "<data>",
      "a CSV, TSV, Parquet or JSON-lines file, or a folder of images with a folder for each class",
    )
    .summary("train on a file or a folder, without code")
    .description(
      "Finds a rate, trains a model, compares it with first tries, and writes all of it into a folder.",
    )
    .option("--target <column>", "the column to predict")
    .option("--task <task>", "classification or regression", oneOf("classification", "regression"))
    .option(
      "--types <column=kind...>",
      "what a column is: number, category, date, text, ignore",
      types,
      undefined,
    )
    .option("--ignore <column...>", "columns to leave out")
    .option("--epochs <count>", "most epochs", number)
    .option("--max-time <seconds>", "most seconds that the training may take", number)
    .option("--batch-size <items>", "items in a mini-batch", number)
    .option("--lr <rate>", "the peak rate; no search is made", number)
    .option("--layers <widths>", "widths of a table's hidden layers: 200,100", widths)
    .option("--image-size <pixels>", "height and width that images are brought to", number)
    .option("--valid-pct <part>", "the part of the rows that is held out", number)
    .option("--seed <number>", "of the split, the batches and the initial weights", number)
    .option("--delimiter <text>", "what separates fields; \\t is a tab", tab)
    .option("--encoding <name>", "the file's encoding: utf-8, windows-1252, utf-16le, …")
    .option("--decimal <sign>", "what stands before decimals, where a column does not tell", oneOf(".", ","))
    .option("--dates <order>", "dmy or mdy, where dates do not tell days from months", oneOf("dmy", "mdy"))
    .option("--missing <text...>", "further texts that stand for a missing value")
    .option("--out <folder>", "where the run is written", "lrfind-run")
    .option("--json", "print what came out as JSON")
    .option("--dry-run", "say what the columns are taken for and what would be trained")
    .action((data: string, _, command: Command) => run(data, command))
    .addHelpText("before", `${TRAIN_EXAMPLES}\n`);
}

/** Adds `lrfind predict MODEL DATA`. */
export function addPredict(
  program: Command,
  run: (model: string, data: string, command: Command) => Promise<void>,
): void {
  program
    .command("predict")
    .argument("<model>", "model.onnx of a run")
    .argument("<data>", "rows as the model was trained on, an image, or a folder of images")
    .summary("predict with a trained model")
    .description("Reads new rows or images and prints a prediction for each.")
    .option("--format <form>", "csv or jsonl", oneOf("csv", "jsonl"), "csv")
    .option("-o, --out <file>", "where predictions are written, in place of standard output")
    .option("--delimiter <text>", "what separates fields; \\t is a tab", tab)
    .option("--encoding <name>", "the file's encoding")
    .action((model: string, data: string, _, command: Command) => run(model, data, command))
    .addHelpText("before", `${PREDICT_EXAMPLES}\n`);
}

const TRAIN_EXAMPLES = `Examples:
  lrfind train penguins.csv --target species           a table
  lrfind train pets/                                   images, a folder for each class
  lrfind train sales.csv --target price --dry-run      what its columns are taken for
`;

const PREDICT_EXAMPLES = `Examples:
  lrfind predict lrfind-run/model.onnx new.csv         a prediction for each row
  lrfind predict lrfind-run/model.onnx photos/ -o p.csv
`;

function types(
  text: string,
  before: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  const cut = text.lastIndexOf("=");
  if (cut < 1) throw new InvalidArgumentError("expected COLUMN=KIND, as in 'zip code=category'");
  const kind = oneOf("number", "category", "date", "text", "ignore")(text.slice(cut + 1));
  return { ...before, [text.slice(0, cut)]: kind };
}

function widths(text: string): number[] {
  return text.split(",").map(number);
}

function tab(text: string): string {
  return text === "\\t" ? "\t" : text;
}
