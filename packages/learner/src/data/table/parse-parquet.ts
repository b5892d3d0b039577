import { parquetMetadataAsync, parquetReadObjects } from "hyparquet";
import { compressors } from "hyparquet-compressors";
import { DataError } from "../errors.js";
import type { Table } from "./table.js";

/**
 * Parses a Parquet file, compressed by any of Snappy, gzip, Brotli, Zstandard and LZ4.
 *
 * @param bytes - The whole file.
 * @param name - What errors call the file.
 * @throws DataError if the file is not whole or has no row.
 */
export async function parseParquet(bytes: Uint8Array, name: string): Promise<Table> {
  const file = {
    byteLength: bytes.length,
    // Not `bytes.slice`: a Buffer's own is a view, whose buffer is the whole pool.
    slice: (start: number, end?: number) => Uint8Array.prototype.slice.call(bytes, start, end).buffer,
  };
  const { columns, rows } = await read(file, name);
  if (rows.length === 0) throw new DataError({ where: name, expected: "at least one row", got: "none" });
  const values = new Map(columns.map((column) => [column, rows.map((row) => row[column])]));
  return { name, length: rows.length, columns, values };
}

async function read(
  file: { readonly byteLength: number; slice(start: number, end?: number): ArrayBuffer },
  name: string,
): Promise<{ columns: string[]; rows: Record<string, unknown>[] }> {
  try {
    const metadata = await parquetMetadataAsync(file);
    const [root] = metadata.schema;
    // The schema lists the tree in depth-first order: a group's children follow it.
    const columns: string[] = [];
    for (let at = 1, left = root?.num_children ?? 0; left > 0; left--) {
      columns.push(metadata.schema[at]!.name);
      at = skipSubtree(metadata.schema, at);
    }
    return { columns, rows: await parquetReadObjects({ file, metadata, compressors }) };
  } catch (error) {
    const got = `${file.byteLength} bytes that do not parse (${(error as Error).message})`;
    throw new DataError({ where: name, expected: "a whole Parquet file", got }, { cause: error });
  }
}

function skipSubtree(schema: readonly { readonly num_children?: number }[], at: number): number {
  let next = at + 1;
  for (let left = schema[at]!.num_children ?? 0; left > 0; left--) next = skipSubtree(schema, next);
  return next;
}
