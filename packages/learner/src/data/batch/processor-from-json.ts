import { DataError, describe } from "../errors.js";
import { ImageProcessor } from "../image/image-processor.js";
import { TabularProcessor } from "../table/tabular-processor.js";
import { TextProcessor } from "../text/text-processor.js";

/** The processors there are, by the `kind` in their JSON. */
const readers = {
  image: ImageProcessor.fromJSON,
  tabular: TabularProcessor.fromJSON,
  text: TextProcessor.fromJSON,
} as const;

/** Any of the processors; their `kind` tells which. */
export type AnyProcessor = ReturnType<(typeof readers)[keyof typeof readers]>;

/**
 * Reads back a processor of whichever kind.
 *
 * @param json - What a processor's `toJSON` gave, after `JSON.parse`.
 * @throws DataError if it is not the JSON of a processor.
 *
 * @example
 * ```ts
 * const processor = processorFromJSON(JSON.parse(text));
 * if (processor.kind === "text") processor.processText("Once upon a time");
 * ```
 */
export function processorFromJSON(json: unknown): AnyProcessor {
  const kind = (json as { kind?: unknown } | null | undefined)?.kind;
  if (typeof kind === "string" && Object.hasOwn(readers, kind))
    return readers[kind as keyof typeof readers](json);
  const expected = `the JSON of a processor, of kind ${Object.keys(readers).join(", ")}`;
  throw new DataError({ where: "processorFromJSON", expected, got: `kind ${describe(kind)}` });
}
