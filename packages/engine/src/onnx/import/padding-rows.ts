import { OnnxError } from "../errors.js";
import type { FileNode } from "../file/model-file.js";
import type { Tensor } from "../graph/tensor.js";
import type { UpgradedFile } from "../ops/upgrades.js";
import type { ImportNote } from "./notes.js";
import { selectedNames } from "./selection.js";

/** A tensor by its name. */
interface Named {
  readonly name: string;
  readonly contents: Tensor<"float32">;
}

/**
 * The rows of embeddings that stand for padding: those that the user names; else the one row of a table that is zero, as
 * PyTorch's `padding_idx` leaves it.
 */
export class PaddingRows {
  readonly notes: ImportNote[] = [];
  readonly #given: Readonly<Record<string, number | null>>;
  readonly #tables: ReadonlySet<string>;

  /** @throws {OnnxError} when a given table is none of the parameters, or has no such row. */
  constructor(
    file: UpgradedFile,
    nodes: readonly FileNode[],
    given: Readonly<Record<string, number | null>>,
    parameters: readonly Named[],
  ) {
    this.#given = given;
    this.#tables = new Set(
      nodes.flatMap(({ opType, domain, attributes, inputs: [table, indices] }) => {
        const isLookUp = opType === "Gather" && domain === "" && ((attributes["axis"] as number) ?? 0) === 0;
        return isLookUp && table !== undefined && !file.initializers.has(indices ?? "") ? [table] : [];
      }),
    );
    const names = parameters.map(({ name }) => name);
    selectedNames(file.file, "paddingIdx", Object.keys(given), names);
    for (const { name, contents } of parameters) {
      const row = given[name];
      const count = contents.shape[0] ?? 0;
      if (row === undefined || row === null || (Number.isInteger(row) && row >= 0 && row < count)) continue;
      throw new OnnxError({
        where: `"${file.file}"`,
        expected: `paddingIdx of "${name}" to be a row in [0, ${count})`,
        got: String(row),
        hint: "null for none",
      });
    }
  }

  /** The padding's row of a table; undefined where it has none. */
  of(name: string, contents: Tensor<"float32">): number | undefined {
    if (Object.hasOwn(this.#given, name)) return this.#given[name] ?? undefined;
    const row = this.#tables.has(name) ? onlyZeroRow(contents) : undefined;
    if (row === undefined) return undefined;
    this.notes.push({
      kind: "paddingRow",
      message: `row ${row} of "${name}" is zero and taken for padding: it stays; to train it say paddingIdx: { ${JSON.stringify(name)}: null }`,
      names: [name],
    });
    return row;
  }
}

/** The one row of a matrix that is zero; undefined where there is none, or more. */
function onlyZeroRow({ shape, data }: Tensor<"float32">): number | undefined {
  const [count = 0, width = 0] = shape;
  if (shape.length !== 2 || count < 2 || width === 0) return undefined;
  const zero: number[] = [];
  for (let row = 0; row < count && zero.length < 2; row++) {
    if (data.subarray(row * width, (row + 1) * width).every((value) => value === 0)) zero.push(row);
  }
  return zero.length === 1 ? zero[0] : undefined;
}
