import { resolve } from "node:path";
import { formatRate, plainText, terminalColumns, writeAtomically } from "../core/index.js";
import { type Diagnostic, diagnose, type Suggestion, suggest } from "../finder/index.js";
import { type LoggedRates, type RecordedLog, readLogs, type Smoothing } from "../logs/index.js";
import { toTerminal } from "../plot/index.js";
import { MAX_OVERLAID } from "../plot/internal.js";
import { suggestionTable } from "../terminal/index.js";
import { EXIT } from "./failure.js";
import type { Host } from "./host.js";
import { readInput } from "./read-input.js";
import { suggestersNamed } from "./suggesters.js";

/** The flags of `lrfind suggest`. */
export interface SuggestFlags {
  readonly suggestFuncs: readonly string[];
  readonly lr?: string;
  readonly loss?: string;
  readonly step?: string;
  readonly rates?: LoggedRates;
  readonly smoothing: "auto" | "none" | Smoothing;
  readonly maxSize: number;
  readonly plot: boolean;
  readonly svg?: string;
  readonly png?: string;
  readonly html?: string;
  readonly json?: boolean;
  readonly dryRun?: boolean;
}

interface Answer extends RecordedLog {
  readonly suggestions: Readonly<Record<string, Suggestion>>;
  readonly diagnostics: readonly Diagnostic[];
  /** The first suggester's rate. */
  readonly lr: number | null;
}

/** Reads logs and says their rates; gives the exit code. */
export async function runSuggest(paths: readonly string[], flags: SuggestFlags, host: Host): Promise<number> {
  const { lr, loss, step, rates, smoothing } = flags;
  const files = paths.map((path) => ({ name: path, contents: readInput(path, flags.maxSize, host) }));
  const logs = readLogs(files, {
    smoothing,
    ...(lr === undefined ? {} : { lr }),
    ...(loss === undefined ? {} : { loss }),
    ...(step === undefined ? {} : { step }),
    ...(rates === undefined ? {} : { rates }),
  });
  if (flags.dryRun) {
    for (const log of logs) host.out(`${headOf(log)}\n${notesOf(log)}`);
    return EXIT.found;
  }
  const answers = logs.map((log) => answerOf(log, flags));
  await writePictures(answers, flags, host);
  if (flags.json) host.out(`${JSON.stringify(answers.map(jsonOf), undefined, 2)}\n`);
  else {
    const isOne = answers.length === 1 || answers.length > MAX_OVERLAID;
    if (flags.plot && !isOne) showTogether(answers, host);
    for (const answer of answers) show(answer, { ...flags, plot: flags.plot && isOne }, host);
  }
  return answers.some((answer) => answer.lr !== null) ? EXIT.found : EXIT.none;
}

function answerOf(log: RecordedLog, { suggestFuncs }: SuggestFlags): Answer {
  const suggestions = suggest(log.curve, { suggestFuncs: suggestersNamed(suggestFuncs) });
  const diagnostics = diagnose(log.curve, suggestions);
  return { ...log, suggestions, diagnostics, lr: suggestions[suggestFuncs[0]!]!.lr };
}

async function writePictures(
  answers: readonly Answer[],
  { svg, png, html }: SuggestFlags,
  host: Host,
): Promise<void> {
  const picture =
    answers.length === 1 ? answers[0]! : answers.map((answer) => ({ name: answer.name, result: answer }));
  const title = answers.length === 1 ? plainText(answers[0]!.name) : `${answers.length} range tests`;
  const write = async (path: string, contents: Uint8Array) => {
    await writeAtomically(resolve(host.cwd, path), [contents]);
    host.err(`wrote ${path}\n`);
  };
  // What draws them takes as long to load as all the rest, and most people ask for none.
  if (svg === undefined && png === undefined && html === undefined) return;
  const { toPng, toSvg } = await import("../plot/index.js");
  if (svg !== undefined) await write(svg, new TextEncoder().encode(await toSvg(picture, { title })));
  if (png !== undefined) await write(png, await toPng(picture, { title }));
  if (html !== undefined) {
    const { toHtml } = await import("../report/index.js");
    const notes = answers.flatMap(({ name, notes }) =>
      notes.map((note) => (answers.length === 1 ? note : `${plainText(name)}: ${note}`)),
    );
    await write(html, new TextEncoder().encode(await toHtml(picture, { title, notes })));
  }
}

/** The answer first, then how it was read, then what it was read from. */
function show(answer: Answer, flags: SuggestFlags, host: Host): void {
  const columns = terminalColumns({ env: host.env, stdout: process.stdout });
  const funcs = suggestersNamed(flags.suggestFuncs);
  host.out(`${headOf(answer)}\n${notesOf(answer)}`);
  if (flags.plot) host.out(`${toTerminal(answer, { columns, color: host.hasColor })}\n`);
  host.out(`${suggestionTable(answer.suggestions, funcs, { columns: Math.max(20, columns) })}\n`);
  for (const { message } of answer.diagnostics) host.out(`! ${message}\n`);
  const found = answer.suggestions[funcs[0]!.name]!;
  const why = found.lr === null ? `: ${found.reason}` : "";
  host.out(`learning rate ${formatRate(answer.lr)} (${funcs[0]!.name}${why})\n`);
}

/** Several on common axes; their answers follow. */
function showTogether(answers: readonly Answer[], host: Host): void {
  const columns = terminalColumns({ env: host.env, stdout: process.stdout });
  const named = answers.map((answer) => ({ name: answer.name, result: answer }));
  host.out(`${toTerminal(named, { columns, color: host.hasColor })}\n\n`);
}

function headOf({ name, format, curve }: RecordedLog): string {
  return `${plainText(name)}: ${format}, ${curve.lr.length} steps from ${formatRate(curve.lr[0] ?? null)} to ${formatRate(curve.lr.at(-1) ?? null)}`;
}

function notesOf({ notes }: RecordedLog): string {
  return notes.map((note) => `  ${plainText(note)}\n`).join("");
}

function jsonOf({ name, format, notes, lr, suggestions, diagnostics, curve }: Answer): object {
  const { numIt, stop } = curve;
  return { name, format, notes, lr, suggestions, diagnostics, steps: curve.lr.length, numIt, stop };
}
