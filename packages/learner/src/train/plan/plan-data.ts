import { statSync } from "node:fs";
import { checkArgument, checkOptions, string } from "lrfind/core";
import { DataError } from "../../data/internal.js";
import { TRAIN_DATA, type TrainDataOptions } from "../options.js";
import { type RawTable, readRaw } from "../read/read-raw.js";
import { imagePlan } from "./image-plan.js";
import { tablePlan } from "./table-plan.js";
import type { TrainPlan } from "./train-plan.js";

/**
 * Looks at data and says what `trainData` would do with them: what each column is taken for, the target, the task, the
 * model, its loss and the batch size. Trains and writes nothing.
 *
 * @param data - The path of a CSV file, Parquet file, file of JSON or JSON lines, or folder of images with a folder for
 *   each class.
 * @param options - As for `trainData`.
 * @throws {DataError} for data that cannot be understood without a guess, in one line that says which option decides.
 * @throws {OptionError} for an option that does not exist or is of another kind.
 *
 * @example
 * ```ts
 * const { lines } = await planData("penguins.csv", { target: "species" });
 * console.log(lines.join("\n"));
 * ```
 */
export async function planData(data: string, options: TrainDataOptions = {}): Promise<TrainPlan> {
  return (await planAndTable(data, options)).plan;
}

/** The plan, and the raw table that was read for it. */
export async function planAndTable(
  data: string,
  options: TrainDataOptions,
): Promise<{ readonly plan: TrainPlan; readonly raw?: RawTable }> {
  checkArgument("planData", "data", data, string);
  checkOptions("planData", options, TRAIN_DATA);
  if (isFolder(data)) return { plan: await imagePlan(data, options) };
  const { delimiter, encoding } = options;
  const raw = await readRaw(data, { ...(delimiter && { delimiter }), ...(encoding && { encoding }) });
  return { plan: tablePlan(data, raw, options), raw };
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch (cause) {
    const got = (cause as NodeJS.ErrnoException).code === "ENOENT" ? "none" : (cause as Error).message;
    throw new DataError({ where: path, expected: "a file or a folder", got }, { cause });
  }
}
