import type { TextStream } from "./text-stream.js";

const tolerated = new WeakSet<object>();
let isEnding = false;

/**
 * Ends the process, quietly and as a success, as soon as nobody reads its output any more: `| head -1` has seen enough. Node
 * would end it with the stack of an EPIPE error.
 *
 * Call it at the start of a program that prints. A training that is to go on without a reader does not call it; what
 * `progress` and `progressCallback` write is then lost, and no error.
 *
 * @example
 * ```ts
 * endQuietly();
 * console.log(toTerminal(await learn.lrFind()));
 * ```
 */
export function endQuietly(): void {
  if (isEnding) return;
  isEnding = true;
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error) => {
      if (!isClosedPipe(error)) throw error;
      process.exit();
    });
  }
}

/** Lets the reader of a stream go: what is written afterwards is lost. Other errors of the stream stay errors. */
export function tolerateClosed<S extends TextStream>(stream: S): S {
  if (tolerated.has(stream)) return stream;
  tolerated.add(stream);
  (stream as Partial<Pick<NodeJS.WritableStream, "on">>).on?.("error", (error: Error) => {
    if (!isClosedPipe(error)) throw error;
  });
  return stream;
}

/** EPIPE; EOF on Windows; and what a stream says that has been closed by either. */
function isClosedPipe(error: Error): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === "EPIPE" || code === "EOF" || code === "ERR_STREAM_DESTROYED";
}
