import { ResultFormatError } from "../errors.js";
import { parsedJson } from "../json-text.js";

/**
 * JSON's text of something that a user may have added to: a suggester's further fields hold what they hold.
 *
 * @param write - `jsonText` or `jsonLine`.
 * @throws ResultFormatError where it is no plain data.
 */
export function plainJson(where: string, value: unknown, write: (value: unknown) => string): string {
  try {
    return write(value);
  } catch (cause) {
    throw new ResultFormatError(where, {
      field: "suggestions",
      expected: "plain data, as JSON can hold it",
      received: (cause as Error).message,
      hint: "suggestions of strings, numbers, booleans, lists and objects of these",
    });
  }
}

/** The value that the text of a result or an event stands for. @throws ResultFormatError where it is no JSON. */
export function readJson(where: string, text: string): unknown {
  return parsedJson(text, (problem) => {
    throw new ResultFormatError(where, { field: "", ...problem, hint: "the file as it was written" });
  });
}
