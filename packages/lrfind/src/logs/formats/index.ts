import { LogError } from "../errors.js";
import { type LogFile, textOf } from "../log-file.js";
import { csv } from "./csv.js";
import type { LogContent, TextFormat } from "./format.js";
import { json } from "./json.js";
import { jsonLines } from "./json-lines.js";
import { mlflow } from "./mlflow.js";
import { textLines } from "./text-lines.js";
import { isTfevents, readTfevents } from "./tfevents.js";

/** In the order in which they are tried: each knows its own, and prints of a training could be anything. */
const TEXT_FORMATS: readonly TextFormat[] = [json, jsonLines, mlflow, csv, textLines];

/**
 * What is in a file, by its content alone.
 *
 * @throws {LogError} for a file of no format that is known here, or a broken one.
 */
export function readContent(file: LogFile): LogContent {
  const { name, contents } = file;
  if (typeof contents !== "string" && isTfevents(contents)) return { tables: [readTfevents(contents, name)] };
  const text = textOf(file);
  if (text.trim() === "") {
    throw new LogError("unreadable", { where: name, expected: "a log", got: "an empty file" });
  }
  for (const format of TEXT_FORMATS) {
    const content = format.read(text, name);
    if (content !== undefined) return content;
  }
  throw new LogError("unreadable", {
    where: name,
    expected: `a log of a known kind: ${TEXT_FORMATS.map(({ title }) => title).join(", ")}, TensorBoard's events`,
    got: `${JSON.stringify(text.trim().slice(0, 40))}…`,
    hint: "a CSV with the columns lr and loss",
  });
}
