import type { Writable } from "node:stream";
import { Presets, SingleBar } from "cli-progress";
import { formatLoss, formatRate, plainText } from "../core/index.js";
import type { OnPoint } from "../finder/index.js";

/** A progress bar in the terminal. */
export interface Progress {
  /** Moves the bar. `detail` is a few words shown behind it. */
  update(done: number, total: number, detail: string): void;
  /** Leaves the bar as it is and gives the line back. */
  stop(): void;
}

/**
 * A progress bar on standard error, or nothing where that is no terminal.
 *
 * @param title - Shown before the bar.
 *
 * @example
 * ```ts
 * const bar = progress("training");
 * bar.update(10, 125, "loss 0.52");
 * bar.stop();
 * ```
 */
export function progress(title: string, stream: Writable & { isTTY?: boolean } = process.stderr): Progress {
  const bar = new SingleBar(
    {
      format: `{title} {bar} {value}/{total}  {detail}`,
      stream: stream as NodeJS.WritableStream,
      noTTYOutput: false,
      barsize: 30,
      hideCursor: true,
    },
    Presets.shades_classic,
  );
  const shown = (detail: string) => ({ title: plainText(title), detail: plainText(detail) });
  let started = false;
  return {
    update(done, total, detail) {
      if (!started) bar.start(total, 0, shown(detail));
      started = true;
      bar.update(done, shown(detail));
    },
    stop() {
      if (started) bar.stop();
    },
  };
}

/** Shows the progress of a search for a learning rate: pass it as `lrFind`'s `onPoint`. */
export function showPoints(bar: Progress): OnPoint {
  return ({ lr, smoothed }, { done, total }) =>
    bar.update(done, total, `lr ${formatRate(lr)}  loss ${formatLoss(smoothed)}`);
}
