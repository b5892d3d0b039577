import { shortenedTo, widthOf } from "../draw/index.js";

/** What a progress bar shows. */
export interface BarState {
  readonly title: string;
  readonly detail: string;
  readonly done: number;
  readonly total: number;
  /** Not finite where nothing is known yet. */
  readonly secondsLeft: number;
}

const LONGEST = 30;
const SHORTEST = 8;

/**
 * A progress bar as a line of at most some columns: title, bar, count, time left, detail. Where there is less room, the bar is
 * shorter, then the title goes, then the bar; the detail is cut last, as it is what one looks at.
 */
export function barLine(state: BarState, columns: number): string {
  const { title, detail, done, total, secondsLeft } = state;
  const count = `${done}/${total}`;
  const left = timeLeft(done > 0 && done < total ? secondsLeft : Number.NaN);
  const rest = [count, left, detail].filter((part) => part !== "").join("  ");
  // One column stays free: some terminals go on to the next line when the last is written.
  const room = columns - 1;
  const withTitle = room - widthOf(title) - widthOf(rest) - 2;
  if (withTitle >= SHORTEST) return `${title} ${bar(state, Math.min(LONGEST, withTitle))} ${rest}`;
  const without = room - widthOf(rest) - 1;
  if (without >= SHORTEST) return `${bar(state, Math.min(LONGEST, without))} ${rest}`;
  return shortenedTo(rest, room);
}

function bar({ done, total }: BarState, size: number): string {
  const full = Math.max(0, Math.min(size, total > 0 ? Math.round((size * done) / total) : size));
  return `${"█".repeat(full)}${"░".repeat(size - full)}`;
}

/** "12 s left", "3 min left", "2 h left"; nothing where it is not known. */
export function timeLeft(seconds: number): string {
  if (!Number.isFinite(seconds) || seconds < 0) return "";
  if (seconds < 60) return `${Math.ceil(seconds)} s left`;
  if (seconds < 3600) return `${Math.ceil(seconds / 60)} min left`;
  return `${Math.ceil(seconds / 3600)} h left`;
}
