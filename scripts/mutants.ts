/**
 * Changes random places of `src/` one at a time, in a copy, and says which changes no test notices.
 *
 * Run: npm run mutants -- [--seed 0] [--count 150] [--room finder] [--only packages/lrfind/src/finder/search/sweep.ts]
 *
 * The sample is drawn room by room in proportion to what can be changed there, but at least 10 a room (or all there
 * are), and hangs on nothing but the seed and the code. All tests (with --room, those of that room) run once on the code with a mark at each drawn place,
 * to learn which of them come by there; a change is then tried on those only. A survivor is either a test that is
 * missing or a change without any effect; which of the two, only reading tells.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { parseArgs } from "node:util";
import { parseSync } from "vite";
import { RandomSequence } from "../packages/engine/src/random/index.js";
import { PACKAGES, root } from "./packages.js";

interface Place {
  readonly start: number;
  readonly end: number;
}

interface Mutant extends Place {
  readonly file: string;
  readonly kind: "operator" | "check" | "default" | "literal" | "spread" | "statement";
  readonly text: string;
  /** The expression, or the statement, that runs when the place is come by. */
  readonly marked: Place;
}

/** What the parser gives: a kind, a place, and children in any other field. */
interface Node extends Place {
  readonly type: string;
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
    seconds: { type: "string", default: "300" },
  },
});
const vitest = join(root, "node_modules/vitest/vitest.mjs");
const copy = mkdtempSync(join(tmpdir(), "lrfind-mutants-"));
process.on("exit", () => {
  spawnSync("git", ["worktree", "remove", "--force", copy], { cwd: root });
  rmSync(copy, { recursive: true, force: true });
});
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => process.exit(130));
spawnSync("git", ["worktree", "add", "--detach", copy, "HEAD"], { cwd: root });
symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));

const sample = draw(Number(values.seed), Number(values.count));
const visitors = testsByMutant(sample);
const tally = new Map<string, { noticed: number; all: number }>();
for (const [id, mutant] of sample.entries()) {
  const tests = visitors.get(id) ?? [];
  const noticed = isNoticed(mutant, tests);
  for (const room of [roomOf(mutant.file), "all"]) {
    const of = tally.get(room) ?? { noticed: 0, all: 0 };
    tally.set(room, { noticed: of.noticed + Number(noticed), all: of.all + 1 });
  }
  console.log(`${noticed ? "noticed " : "SURVIVED"} ${tests.length} files ${describe(mutant)}`);
}
for (const [room, { noticed, all }] of tally) {
  console.log(`${room}: ${noticed} of ${all} (${((100 * noticed) / all).toFixed(1)} %)`);
}

/** `onnx` of `packages/engine/src/onnx/builder.ts`. */
function roomOf(file: string): string {
  return file.split("/")[3]!;
}

/** A seeded sample of all changes that could be made. */
function draw(seed: number, count: number): Mutant[] {
  const random = new RandomSequence({ seed, stream: "mutants" });
  const files = PACKAGES.flatMap((folder) =>
    readdirSync(join(root, folder, "src"), { recursive: true, encoding: "utf8" }).map((file) =>
      join(folder, "src", file),
    ),
  )
    .filter((file) => /\.[tj]s$/.test(file) && !/^(index|internal)\.ts$/.test(basename(file)))
    .filter((file) => !values.only || file === values.only)
    .sort();
  const byRoom = new Map<string, Mutant[]>();
  for (const mutant of files.flatMap(mutantsOf)) {
    const room = roomOf(mutant.file);
    const known = byRoom.get(room);
    if (known) known.push(mutant);
    else byRoom.set(room, [mutant]);
  }
  const total = [...byRoom.values()].reduce((sum, { length }) => sum + length, 0);
  const drawn = [...byRoom].flatMap(([room, all]) => {
    if (values.room && room !== values.room) return [];
    const wanted = values.room ? count : Math.max(10, Math.round((count * all.length) / total));
    return Array.from(
      { length: Math.min(wanted, all.length) },
      () => all.splice(random.int(all.length), 1)[0]!,
    );
  });
  // In any order, so that a run that is cut short has tried all rooms.
  return Array.from({ length: drawn.length }, () => drawn.splice(random.int(drawn.length), 1)[0]!);
}

/** All changes that could be made to a file. */
function mutantsOf(file: string): Mutant[] {
  const source = readFileSync(join(root, file), "utf8");
  const mutants: Mutant[] = [];
  const add = (kind: Mutant["kind"], { start, end }: Place, text: string, marked: Place) => {
    if (source.slice(start, end) !== text) mutants.push({ file, kind, start, end, text, marked });
  };
  const textOf = ({ start, end }: Place) => source.slice(start, end);
  const visit = (node: Node) => {
    // Types change nothing at run time.
    if (/^TS(?!NonNull|As|Satisfies)/.test(node.type) || node.type.startsWith("Import")) return;
    const at = (field: string) => node[field] as Node;
    if (node.type === "BinaryExpression" || node.type === "LogicalExpression") {
      const operator = node["operator"] as string;
      const between = { start: at("left").end, end: at("right").start };
      const swapped = SWAPPED[operator];
      if (swapped) add("operator", between, textOf(between).replace(operator, swapped), node);
      if (operator === "??") add("default", node, `(${textOf(at("left"))})`, node);
    }
    if (node.type === "IfStatement") add("check", at("test"), "false", at("test"));
    if (node.type === "IfStatement" || node.type === "ConditionalExpression") {
      add("check", at("test"), `!(${textOf(at("test"))})`, at("test"));
    }
    if (node.type === "ExpressionStatement" && source[node.end - 1] === ";")
      add("statement", node, ";", node);
    if (node.type === "AssignmentPattern") add("default", at("right"), "undefined", at("right"));
    if (node.type === "Literal") {
      if (typeof node["value"] === "boolean") add("literal", node, String(!node["value"]), node);
      if (typeof node["value"] === "number") add("literal", node, `(${textOf(node)} + 1)`, node);
    }
    if (node.type === "SpreadElement") add("spread", at("argument"), "[]", at("argument"));
    for (const [field, child] of Object.entries(node)) {
      if (field === "key" && !node["computed"]) continue;
      for (const part of Array.isArray(child) ? child : [child]) if (isNode(part)) visit(part);
    }
  };
  visit(parseSync(file, source).program as unknown as Node);
  return mutants;
}

/** Which test files come by each mutant's place. */
function testsByMutant(mutants: readonly Mutant[]): Map<number, string[]> {
  const inserts = new Map<string, { at: number; text: string }[]>();
  mutants.forEach(({ file, kind, marked: { start, end } }, id) => {
    const mark = `globalThis.__mutants?.add(${id})`;
    const [before, after] = kind === "statement" ? [`{ ${mark}; `, " }"] : [`(${mark}, `, ")"];
    const known = inserts.get(file) ?? [];
    inserts.set(file, [...known, { at: start, text: before }, { at: end, text: after }]);
  });
  for (const [file, all] of inserts) {
    // From the end, so that places stay. At one place the last that is put in stands first: what ends there, else a
    // statement's brace.
    const rank = (text: string) => (text.startsWith("(") ? 0 : text.startsWith("{") ? 1 : 2);
    const ordered = [...all].sort((a, b) => b.at - a.at || rank(a.text) - rank(b.text));
    let source = readFileSync(join(root, file), "utf8");
    for (const { at, text } of ordered) source = source.slice(0, at) + text + source.slice(at);
    writeFileSync(join(copy, file), source);
  }
  const setup = `import { writeFileSync } from "node:fs";
import { afterAll, expect } from "vitest";
globalThis.__mutants = new Set();
afterAll(() => {
  const { testPath } = expect.getState();
  const file = "visits/" + testPath.slice(${JSON.stringify(copy)}.length + 1).replaceAll("/", "%") + ".json";
  writeFileSync(file, JSON.stringify([...globalThis.__mutants]));
});
`;
  spawnSync("mkdir", ["-p", join(copy, "visits")]);
  writeFileSync(join(copy, "mark-visits.ts"), setup);
  const config = `import { defineConfig, mergeConfig } from "vitest/config";
import base from "./vitest.config.js";
export default mergeConfig(base, defineConfig({ test: { setupFiles: ["./mark-visits.ts"] } }));
`;
  writeFileSync(join(copy, "mark-visits.config.ts"), config);
  const room = values.room ?? (values.only && roomOf(values.only));
  const within = room ? [`/test/${room}/`] : [];
  const args = [vitest, "run", "--config", "mark-visits.config.ts", "--reporter=dot", ...within];
  const env = { ...process.env, NO_COLOR: "1" };
  const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: copy, encoding: "utf8", env });
  const summary = /Tests +.*/.exec(stdout)?.[0];
  if (!summary) throw new Error(`no tests ran:\n${stdout}${stderr}`);
  // A file that fails on the marked code, as tests of the code's own text may, says nothing about a change.
  const failing = new Set(Array.from(`${stdout}${stderr}`.matchAll(/FAIL +(\S+)/g), ([, file]) => file!));
  console.log(`${mutants.length} mutants; ${summary}; left out: ${[...failing].join(", ") || "none"}`);
  for (const file of inserts.keys()) writeFileSync(join(copy, file), readFileSync(join(root, file)));
  const visits = new Map<number, string[]>();
  for (const name of readdirSync(join(copy, "visits"))) {
    const path = join(copy, "visits", name);
    const test = name.replaceAll("%", "/").replace(/\.json$/, "");
    if (failing.has(test)) continue;
    for (const id of JSON.parse(readFileSync(path, "utf8")) as number[]) {
      visits.set(id, [...(visits.get(id) ?? []), test]);
    }
  }
  return visits;
}

/** Whether a test fails, or does not end, with a change made. */
function isNoticed(mutant: Mutant, tests: readonly string[]): boolean {
  const path = join(copy, mutant.file);
  const source = readFileSync(path, "utf8");
  writeFileSync(path, source.slice(0, mutant.start) + mutant.text + source.slice(mutant.end));
  try {
    const fails = (args: readonly string[]) => {
      const options = { cwd: copy, timeout: Number(values.seconds) * 1000, stdio: "ignore" } as const;
      return spawnSync(process.execPath, [vitest, ...args, "--bail=1"], options).status !== 0;
    };
    // In other threads and processes nothing is marked.
    if (tests.length === 0) return fails(["related", "--run", mutant.file, "--passWithNoTests"]);
    // The file's own tests first: they are the quickest to notice.
    const own = basename(mutant.file).replace(/\.[tj]s$/, "");
    const [near, far] = [
      tests.filter((test) => test.includes(own)),
      tests.filter((test) => !test.includes(own)),
    ];
    return [near, far].some((some) => some.length > 0 && fails(["run", ...some]));
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

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && typeof (value as Node).type === "string";
}
