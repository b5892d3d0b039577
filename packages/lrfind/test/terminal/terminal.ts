import { PassThrough } from "node:stream";
import { stripVTControlCharacters } from "node:util";

/** A stream that keeps what is written, as a terminal or a pipe. */
export function screen({ isTTY, columns = 80 }: { readonly isTTY: boolean; readonly columns?: number }) {
  const stream = Object.assign(new PassThrough(), {
    isTTY,
    columns,
    cursorTo() {},
    clearLine() {},
    moveCursor() {},
  });
  let raw = "";
  stream.on("data", (chunk: Buffer) => {
    raw += chunk.toString();
  });
  return { stream, raw: () => raw, text: () => stripVTControlCharacters(raw) };
}
