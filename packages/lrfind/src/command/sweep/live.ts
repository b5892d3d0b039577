import { formatLoss, plainText, terminalColumns } from "../../core/index.js";
import { barLine } from "../../terminal/internal.js";
import type { SweepRow, SweepState } from "../doors/sweep.js";
import type { Host } from "../host.js";
import { tableLines, wordsOf } from "./table.js";

/** How often the table is drawn, in milliseconds: faster nobody reads. */
const EVERY_MS = 250;

/** Rows that are shown while it runs. */
const SHOWN = 8;

/** What a sweep tells. */
export interface ToldEvent {
  readonly kind: string;
  readonly why?: string;
  readonly result?: { readonly failure?: { readonly message: string } };
  progress(): SweepState;
}

/** Shows how a sweep goes on: a table that is drawn over where there is a terminal, a line for each job that ends elsewhere. */
export interface Live {
  event(event: ToldEvent): void;
  /** Takes the table away: what came out follows. */
  stop(): void;
}

/** What shows a sweep on a host. */
export function liveOn(host: Host): Live {
  return host.hasBar ? new LiveTable(host) : new Lines(host);
}

class Lines implements Live {
  readonly #host: Host;

  constructor(host: Host) {
    this.#host = host;
  }

  event({ kind, why, result, progress }: ToldEvent): void {
    if (kind === "started") return;
    if (kind === "waiting") {
      this.#host.err(`waiting: ${plainText(why ?? "")}\n`);
      return;
    }
    const { done, failed, total, rows } = progress();
    const message = result?.failure?.message;
    const what = message === undefined ? (why ?? detailOf(rows, failed)) : `failed: ${message}`;
    this.#host.err(`${done}/${total}  ${plainText(what)}\n`);
  }

  stop(): void {}
}

class LiveTable implements Live {
  readonly #host: Host;
  readonly #begin = performance.now();
  #first: number | undefined;
  #height = 0;
  #drawnAt = Number.NEGATIVE_INFINITY;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #last: ToldEvent | undefined;
  #waiting: string | undefined;
  #isOver = false;

  constructor(host: Host) {
    this.#host = host;
  }

  event(event: ToldEvent): void {
    if (this.#isOver) return;
    this.#last = event;
    this.#waiting = event.kind === "waiting" ? plainText(event.why ?? "") : undefined;
    const wait = this.#drawnAt + EVERY_MS - performance.now();
    if (wait <= 0) this.#draw();
    else this.#timer ??= setTimeout(() => this.#draw(), wait);
  }

  stop(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#timer);
    if (this.#height > 0) this.#host.err(this.#back());
  }

  #draw(): void {
    this.#timer = undefined;
    if (this.#isOver || this.#last === undefined) return;
    const columns = terminalColumns({ env: this.#host.env, stdout: process.stderr });
    const { done, failed, running, total, rows } = this.#last.progress();
    // What was there already says nothing of how long the rest takes.
    this.#first ??= done;
    const each = (performance.now() - this.#begin) / Math.max(1, done - this.#first);
    const secondsLeft = done === this.#first ? Number.NaN : (each * (total - done)) / 1000;
    const detail = [`${running} running`, ...(failed > 0 ? [`${failed} failed`] : [])].join("  ");
    const lines = [
      ...tableLines(rows, columns, SHOWN),
      barLine({ title: "sweep", detail: this.#waiting ?? detail, done, total, secondsLeft }, columns),
    ];
    this.#host.err(`${this.#back()}${lines.join("\n")}\n`);
    this.#height = lines.length;
    this.#drawnAt = performance.now();
  }

  /** To where the table begins, and nothing behind it. */
  #back(): string {
    return this.#height === 0 ? "" : `\u001b[${this.#height}A\u001b[0J`;
  }
}

function detailOf(rows: readonly SweepRow[], failed: number): string {
  const best = rows.find(({ score }) => score !== undefined);
  const parts = [
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(best === undefined ? [] : [`best ${formatLoss(best.score!)} at ${wordsOf(best)}`]),
  ];
  return parts.join("  ");
}
