/**
 * Changes random places of `src/` one at a time, in a copy, and says which changes no test notices.
 *
 * Run: npm run mutants -- [--seed 0] [--count 150] [--room finder] [--only src/finder/sweep.ts]
 *
 * The sample is drawn room by room in proportion to what can be changed there, but at least 10 a room (or all there
 * are), and hangs on nothing but the seed and the code. A survivor is either a test that is missing or a change without
 * any effect; which of the two, only reading tells. It takes hours: some seconds to minutes a mutant.
 */
import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { parseSync } from "vite";
import { RandomSequence } from "../src/random/index.js";

interface Mutant {
  readonly file: string;
  readonly kind: string;
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** What the parser gives: a kind, a place, and children in any other field. */
interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [field: string]: unknown;
}

const SWAPPED: Readonly<Record<string, string>> = {
  "<": "<=",
  "<=": "<",
  ">": ">=",
  ">=": ">",
  "===": "!==",
  "!==": "===",
  "&&": "||",
  "||": "&&",
  "+": "-",
  "-": "+",
  "*": "/",
  "/": "*",
  "%": "*",
  "**": "*",
};

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "0" },
    count: { type: "string", default: "150" },
    room: { type: "string" },
    only: { type: "string" },
    seconds: { type: "string", default: "400" },
  },
});
const root = resolve(import.meta.dirname, "..");
const copy = mkdtempSync(join(tmpdir(), "lrfind-mutants-"));
process.on("exit", () => {
  spawnSync("git", ["worktree", "remove", "--force", copy], { cwd: root });
  rmSync(copy, { recursive: true, force: true });
});
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => process.exit(130));
spawnSync("git", ["worktree", "add", "--detach", copy, "HEAD"], { cwd: root });
symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));

const sample = draw(Number(values.seed), Number(values.count));
console.log(`${sample.length} mutants of ${new Set(sample.map(({ file }) => file)).size} files`);
const tally = new Map<string, { noticed: number; survivors: number }>();
for (const mutant of sample) {
  const noticedBy = judge(mutant);
  const room = mutant.file.split("/")[1]!;
  const of = tally.get(room) ?? { noticed: 0, survivors: 0 };
  tally.set(room, of);
  if (noticedBy) of.noticed++;
  else of.survivors++;
  console.log(`${noticedBy ? `noticed (${noticedBy})` : "SURVIVED"} ${describe(mutant)}`);
}
for (const [room, { noticed, survivors }] of tally)
  console.log(`${room}: ${noticed} of ${noticed + survivors}`);
const noticed = [...tally.values()].reduce((sum, of) => sum + of.noticed, 0);
console.log(`all: ${noticed} of ${sample.length} (${((100 * noticed) / sample.length).toFixed(1)} %)`);

/** A seeded sample of all changes that could be made. */
function draw(seed: number, count: number): Mutant[] {
  const random = new RandomSequence({ seed, stream: "mutants" });
  const files = readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" })
    .filter((file) => /\.[tj]s$/.test(file) && basename(file) !== "index.ts")
    .map((file) => join("src", file))
    .filter((file) => !values.only || file === values.only)
    .sort();
  const byRoom = new Map<string, Mutant[]>();
  for (const mutant of files.flatMap(mutantsOf)) {
    const room = mutant.file.split("/")[1]!;
    byRoom.set(room, [...(byRoom.get(room) ?? []), mutant]);
  }
  const total = [...byRoom.values()].reduce((sum, { length }) => sum + length, 0);
  return [...byRoom].flatMap(([room, all]) => {
    if (values.room && room !== values.room) return [];
    const wanted = values.room ? count : Math.max(10, Math.round((count * all.length) / total));
    const rest = [...all];
    return Array.from(
      { length: Math.min(wanted, all.length) },
      () => rest.splice(random.int(rest.length), 1)[0]!,
    );
  });
}

/** All changes that could be made to a file. */
function mutantsOf(file: string): Mutant[] {
  const source = readFileSync(join(root, file), "utf8");
  const mutants: Mutant[] = [];
  const add = (kind: string, { start, end }: Pick<Node, "start" | "end">, text: string) =>
    mutants.push({ file, kind, start, end, text });
  const visit = (node: Node) => {
    // Types change nothing at run time.
    if (/^TS(?!NonNull|As|Satisfies)/.test(node.type) || node.type.startsWith("Import")) return;
    const at = (field: string) => node[field] as Node;
    if (node.type === "BinaryExpression" || node.type === "LogicalExpression") {
      const swapped = SWAPPED[node["operator"] as string];
      const between = { start: at("left").end, end: at("right").start };
      const operator = source.slice(between.start, between.end);
      if (swapped) add("operator", between, operator.replace(node["operator"] as string, swapped));
      if (node["operator"] === "??") add("default", node, `(${slice(source, at("left"))})`);
    }
    if (node.type === "IfStatement") {
      add("check", at("test"), "false");
      add("check", at("test"), `!(${slice(source, at("test"))})`);
    }
    if (node.type === "ConditionalExpression") add("check", at("test"), `!(${slice(source, at("test"))})`);
    if (node.type === "ExpressionStatement" && source[node.end - 1] === ";") add("statement", node, ";");
    if (node.type === "AssignmentPattern") add("default", at("right"), changed(source, at("right")));
    if (node.type === "Literal" && ["number", "boolean"].includes(typeof node["value"])) {
      add("literal", node, changed(source, node));
    }
    if (node.type === "SpreadElement") add("spread", node, "...[]");
    for (const child of Object.values(node)) {
      for (const part of Array.isArray(child) ? child : [child]) if (isNode(part)) visit(part);
    }
  };
  visit(parseSync(file, source).program as unknown as Node);
  return mutants.filter(({ start, end, text }) => source.slice(start, end) !== text);
}

function changed(source: string, node: Node): string {
  const text = slice(source, node);
  if (text === "true") return "false";
  if (text === "false") return "true";
  return node.type === "Literal" && typeof node["value"] === "number"
    ? `(${text} + 1)`
    : "undefined as never";
}

/** Which tests notice a change: those named for the file, the room's, or any that reach it; undefined for none. */
function judge(mutant: Mutant): string | undefined {
  const path = join(copy, mutant.file);
  const source = readFileSync(path, "utf8");
  writeFileSync(path, source.slice(0, mutant.start) + mutant.text + source.slice(mutant.end));
  try {
    const [, room] = mutant.file.split("/") as [string, string];
    const own = basename(mutant.file).replace(/\.[tj]s$/, "");
    const stages: [string, string[]][] = [
      [`tests of ${own}`, ["run", `/${own}`, "--passWithNoTests"]],
      [`test/${room}`, ["related", "--run", mutant.file, "--dir", `test/${room}`, "--passWithNoTests"]],
      ["any test", ["related", "--run", mutant.file, "--passWithNoTests"]],
    ];
    for (const [name, args] of stages) {
      if (name.startsWith("test/") && !existsSync(join(copy, name))) continue;
      const options = { cwd: copy, encoding: "utf8", timeout: Number(values.seconds) * 1000 } as const;
      const vitest = join(root, "node_modules/vitest/vitest.mjs");
      const { status } = spawnSync(
        process.execPath,
        [vitest, ...args, "--bail=1", "--reporter=dot"],
        options,
      );
      if (status !== 0) return name;
    }
    return undefined;
  } finally {
    writeFileSync(path, source);
  }
}

function describe({ file, kind, start, end, text }: Mutant): string {
  const source = readFileSync(join(root, file), "utf8");
  const line = source.slice(0, start).split("\n").length;
  const short = (part: string) => JSON.stringify(part.length > 70 ? `${part.slice(0, 70)}…` : part);
  return `${file}:${line} ${kind} ${short(source.slice(start, end))} -> ${short(text)}`;
}

function slice(source: string, { start, end }: Node): string {
  return source.slice(start, end);
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && typeof (value as Node).type === "string";
}
