/**
 * What may import what. `npm run lint` and `test/house.test.ts` hold the code to this table; CONTRIBUTING shows it.
 *
 * Run: npx tsx scripts/house.ts
 */
import { readdirSync, readFileSync } from "node:fs";
import { join, normalize, relative } from "node:path/posix";
import { fileURLToPath } from "node:url";
import { parseSync } from "vite";
import { root } from "./packages.js";

/** A folder of a package's `src/` with one subject. */
interface Room {
  /** What lives there. */
  readonly holds: string;
  /** Rooms of the same package, and entries of our other packages, that it may import; each through its front. */
  readonly rooms: readonly string[];
  /** Packages of others that only this room reaches. */
  readonly packages?: readonly string[];
}

const ENGINE = ["@lrfind/engine", "@lrfind/engine/internal", "@lrfind/engine/nn"];

/** Packages in the order in which one may import another, and their rooms likewise. */
export const HOUSE: Readonly<Record<string, Readonly<Record<string, Room>>>> = {
  lrfind: {
    core: {
      holds: "the base of all errors, checks of options, words for a value, atomic writing",
      rooms: [],
    },
    finder: { holds: "range test, suggesters, diagnostics", rooms: ["core"] },
    draw: {
      holds: "what every picture is drawn with: SVG, texts, colours, PNG",
      rooms: ["core"],
      packages: ["@fontsource/lato", "@napi-rs/canvas", "picocolors", "fast-string-width", "d3-shape"],
    },
    plot: {
      holds: "one figure, and its renderers",
      rooms: ["core", "finder", "draw"],
      packages: ["picocolors", "simple-ascii-chart", "d3-scale", "d3-shape"],
    },
    report: { holds: "report.html", rooms: ["core", "finder", "draw", "plot"] },
    logs: {
      holds: "range tests that others recorded",
      rooms: ["core", "finder"],
      packages: ["papaparse", "@bufbuild/protobuf"],
    },
    terminal: {
      holds: "what a terminal shows",
      rooms: ["core", "finder", "draw", "plot"],
      packages: ["cli-progress"],
    },
    config: { holds: "what lrfind.config.ts gives the command", rooms: ["core", "finder"] },
    modules: { holds: "modules of the user's, and packages beside this one", rooms: ["core"] },
    command: {
      holds: "the command `lrfind`",
      rooms: ["core", "modules", "finder", "draw", "plot", "report", "logs", "terminal"],
      packages: ["commander", "picocolors"],
    },
  },
  engine: {
    random: { holds: "the counter-based random generator", rooms: ["lrfind/core"] },
    onnx: {
      holds: "graphs: building, shapes, gradients, reading, writing",
      rooms: ["lrfind/core"],
      packages: ["@bufbuild/protobuf", "onnx-buf"],
    },
    runtime: {
      holds: "ONNX Runtime, reached from here only",
      rooms: ["lrfind/core", "onnx"],
      packages: ["onnxruntime-common", "onnxruntime-node", "onnxruntime-web"],
    },
    nn: {
      holds: "layers, losses, metrics, optimizers, the training-step graph",
      rooms: ["lrfind/core", "random", "onnx"],
    },
  },
  learner: {
    data: {
      holds: "datasets, mini-batches",
      rooms: ["lrfind/core", ...ENGINE],
      packages: ["@napi-rs/canvas", "csv-parse", "hyparquet", "hyparquet-compressors"],
    },
    learner: {
      holds: "the Learner",
      rooms: [
        "lrfind",
        "lrfind/core",
        "lrfind/draw",
        "lrfind/logs",
        "lrfind/plot",
        "lrfind/terminal",
        ...ENGINE,
        "data",
      ],
    },
    pictures: {
      holds: "pictures of fits and of what came out",
      rooms: ["lrfind", "lrfind/core", "lrfind/draw", "lrfind/report", "@lrfind/engine", "data", "learner"],
    },
    train: {
      holds: "training on a file or a folder without code",
      rooms: ["lrfind", "lrfind/core", "lrfind/report", ...ENGINE, "data", "learner", "pictures"],
      packages: ["csv-parse"],
    },
  },
  sweep: {
    job: {
      holds: "a job as a file, and the process that does it",
      rooms: ["lrfind", "lrfind/core", "lrfind/modules", "@lrfind/engine", "@lrfind/learner"],
    },
    plan: {
      holds: "what a sweep tries, and what it does next",
      rooms: ["lrfind/core", "@lrfind/engine", "job"],
    },
    launch: {
      holds: "what runs jobs: this machine, a queue on Redis, Slurm, Ray",
      rooms: ["lrfind/core", "job"],
      packages: ["bullmq", "ioredis"],
    },
    journal: { holds: "the file that a sweep is kept in", rooms: ["lrfind/core", "job", "plan"] },
    logs: {
      holds: "what a sweep measured, for other tools",
      rooms: ["lrfind/core", "lrfind/logs", "job", "journal"],
    },
    drive: {
      holds: "the sweep: jobs handed on, results noted",
      rooms: ["lrfind/core", "job", "plan", "launch", "journal"],
    },
    lock: { holds: "what a sweep found, pinned", rooms: ["lrfind/core", "job", "plan"] },
    report: {
      holds: "the page of a sweep",
      rooms: [
        "lrfind/core",
        "lrfind/draw",
        "lrfind/plot",
        "lrfind/report",
        "@lrfind/engine",
        "job",
        "plan",
        "journal",
      ],
    },
  },
};

/** What a room shows: to its users, and to lrfind's other rooms. */
const FRONTS = ["index.js", "internal.js"];

/** An import against the table. */
export interface Fault {
  readonly file: string;
  readonly imported: string;
  readonly why: string;
}

/**
 * The imports of a file that the table does not allow, types and dynamic ones included.
 *
 * @param file - Its path from the root: `packages/engine/src/onnx/builder.ts`.
 */
export function faultsOf(file: string, source: string): Fault[] {
  return faultsAmong(file, importsOf(file, source));
}

/** Those of a file's imports that the table does not allow. */
function faultsAmong(file: string, imports: readonly string[]): Fault[] {
  const [, folder, , name] = file.split("/") as [string, string, string, string];
  const rooms = HOUSE[folder] ?? {};
  const room = rooms[name];
  return imports.flatMap((imported) => {
    const why = room ? refusal(file, imported, { folder, name, room }) : fault(imported, Object.keys(rooms));
    return why === undefined ? [] : [{ file, imported, why }];
  });
}

/** A package's entry collects the fronts of its rooms, and of the packages below. */
function fault(imported: string, rooms: readonly string[]): string | undefined {
  const fronts = rooms.flatMap((name) => FRONTS.map((front) => `./${name}/${front}`));
  if (fronts.includes(imported) || ENGINE.includes(imported)) return undefined;
  return "an entry may import the fronts of its rooms only";
}

function refusal(
  file: string,
  imported: string,
  { folder, name, room }: { readonly folder: string; readonly name: string; readonly room: Room },
): string | undefined {
  if (imported.startsWith("node:")) return undefined;
  if (imported.startsWith(".")) {
    const target = normalize(join(file, "..", imported));
    const [to = "", ...inside] = relative(`packages/${folder}/src`, target).split("/");
    if (to === "..") return "another package is imported by its name";
    if (to === name) return undefined;
    if (!room.rooms.includes(to)) return `${name}/ may import ${room.rooms.join(", ") || "nothing"}`;
    return FRONTS.includes(inside.join("/"))
      ? undefined
      : `${to}/ is imported by its index.js or internal.js`;
  }
  if (room.rooms.includes(imported)) return undefined;
  if (imported.startsWith("#")) {
    const named = room.packages?.some((name) => name.endsWith(imported.slice(1)));
    return named ? undefined : `${name}/ reaches no ${imported}`;
  }
  const from = imported.split("/", imported.startsWith("@") ? 2 : 1).join("/");
  if (room.packages?.includes(from)) return undefined;
  return `${name}/ may import ${[...room.rooms, ...(room.packages ?? [])].join(", ") || "nothing"}`;
}

/** What a file imports or exports from, however. */
function importsOf(file: string, source: string): string[] {
  const found: string[] = [];
  const visit = (node: unknown): void => {
    if (typeof node !== "object" || node === null) return;
    const { type, source: from } = node as { type?: string; source?: { value?: unknown } };
    if (type && /^(Import|Export|TSImportType)/.test(type) && typeof from?.value === "string")
      found.push(from.value);
    for (const child of Object.values(node)) visit(child);
  };
  visit(parseSync(file, source).program);
  return found;
}

/**
 * The circles of imports among files, types included: whoever reads one of such files has to read them all.
 *
 * @param imports - By file, the files that it imports.
 * @returns One list of files for each circle; a file that imports itself is one.
 *
 * Source: Tarjan, Depth-first search and linear graph algorithms (1972).
 */
export function circlesOf(imports: ReadonlyMap<string, readonly string[]>): string[][] {
  const index = new Map<string, number>();
  const lowest = new Map<string, number>();
  const open: string[] = [];
  const circles: string[][] = [];
  const visit = (file: string): void => {
    index.set(file, index.size);
    lowest.set(file, index.get(file)!);
    open.push(file);
    for (const next of imports.get(file) ?? []) {
      if (!index.has(next)) visit(next);
      if (open.includes(next)) lowest.set(file, Math.min(lowest.get(file)!, lowest.get(next)!));
    }
    if (lowest.get(file) !== index.get(file)) return;
    const circle = open.splice(open.indexOf(file));
    if (circle.length > 1 || imports.get(file)?.includes(file)) circles.push(circle.sort());
  };
  for (const file of imports.keys()) if (!index.has(file)) visit(file);
  return circles;
}

/** What each source of a package imports, by their paths from the root. */
function importsOfPackage(folder: string): Map<string, string[]> {
  const paths = readdirSync(join(root, "packages", folder, "src"), { recursive: true, encoding: "utf8" });
  const files = paths.filter((path) => /\.[jt]s$/.test(path)).map((path) => `packages/${folder}/src/${path}`);
  return new Map(files.map((file) => [file, importsOf(file, readFileSync(join(root, file), "utf8"))]));
}

/** The files of its package that each file imports, types included. */
function importsWithin(all: ReadonlyMap<string, readonly string[]>): Map<string, string[]> {
  return new Map(
    [...all].map(([file, imports]) => {
      const inside = imports.filter((from) => from.startsWith("."));
      const targets = inside.map((from) => normalize(join(file, "..", from)).replace(/\.js$/, ".ts"));
      return [file, targets.filter((target) => all.has(target))];
    }),
  );
}

/** All faults of the packages' sources. */
export function allFaults(): Fault[] {
  return Object.keys(HOUSE).flatMap((folder) => {
    const imports = importsOfPackage(folder);
    const circles = circlesOf(importsWithin(imports)).map(
      (circle): Fault => ({ file: circle[0]!, imported: circle.join(", "), why: "a circle of imports" }),
    );
    return [...[...imports].flatMap(([file, all]) => faultsAmong(file, all)), ...circles];
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const faults = allFaults();
  for (const { file, imported, why } of faults) console.error(`${file}: "${imported}": ${why}`);
  if (faults.length > 0) process.exitCode = 1;
}
