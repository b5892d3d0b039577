import { Presets, SingleBar } from "cli-progress";
import type { TextStream } from "../core/index.js";
import {
  checkArgument,
  formatLoss,
  formatRate,
  made,
  plainText,
  string,
  tolerateClosed,
} from "../core/index.js";
import type { OnPoint, SearchEvent } from "../finder/index.js";
import { barLine } from "./bar-line.js";
import { writable } from "./checks.js";

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
 * @throws {OptionError} when it is no text, or the stream is none.
 *
 * @example
 * ```ts
 * const bar = progress("training");
 * bar.update(10, 125, "loss 0.52");
 * bar.stop();
 * ```
 */
export function progress(title: string, stream: TextStream = process.stderr): Progress {
  checkArgument("progress", "title", title, string);
  checkArgument("progress", "stream", stream, writable);
  const bar = new SingleBar(
    {
      format: (_, { value, total, eta }, { title, detail }: { title: string; detail: string }) =>
        barLine({ title, detail, done: value, total, secondsLeft: Number(eta) }, columnsOf(stream)),
      stream: tolerateClosed(stream) as unknown as NodeJS.WritableStream,
      noTTYOutput: false,
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
  checkArgument("showPoints", "bar", bar, made("a progress bar", ["update"], 'progress("lr")'));
  return ({ lr, smoothed }, { done, total }) => bar.update(done, total, detailOf(lr, smoothed));
}

/**
 * Shows the progress of a search: call it with each of its events.
 *
 * @throws {OptionError} for something that is no progress bar.
 *
 * @example
 * ```ts
 * const bar = progress("finding");
 * const show = showSearch(bar);
 * for await (const event of search(trainer)) show(event);
 * bar.stop();
 * ```
 */
export function showSearch(bar: Progress): (event: SearchEvent) => void {
  checkArgument("showSearch", "bar", bar, made("a progress bar", ["update"], 'progress("lr")'));
  return (event) => {
    if (event?.kind !== "point") return;
    const { lr, smoothed, done, total } = event;
    bar.update(done, total, detailOf(lr, smoothed));
  };
}

function columnsOf(stream: TextStream): number {
  return (stream as { readonly columns?: number }).columns || 80;
}

function detailOf(lr: number, smoothed: number): string {
  return `lr ${formatRate(lr)}  loss ${formatLoss(smoothed)}`;
}
