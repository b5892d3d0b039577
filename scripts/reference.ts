/**
 * Writes `docs/reference/*.md` from the docstrings of what the packages export.
 *
 * Run: npm run reference
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { root } from "./packages.js";

/** A name that a package exports, as its source declares it. */
export interface Entry {
  readonly name: string;
  readonly kind: "function" | "const" | "class" | "interface" | "type";
  /** The source's path from the root. */
  readonly file: string;
  /** The docstring without its stars; empty where there is none. */
  readonly doc: string;
  /** The declaration, without bodies and values. */
  readonly signature: string;
  /** Fields and methods that users see. */
  readonly members: readonly Member[];
}

interface Member {
  readonly name: string;
  readonly type: string;
  readonly isOptional: boolean;
  readonly doc: string;
}

/** The front doors, and the specifier by which users import each. */
const DOORS: Readonly<Record<string, string>> = {
  "packages/learner/src/index.ts": "@lrfind/learner",
  "packages/learner/src/pictures/index.ts": "@lrfind/learner/pictures",
  "packages/learner/src/train/index.ts": "@lrfind/learner/train",
  "packages/sweep/src/index.ts": "@lrfind/sweep",
  "packages/lrfind/src/finder/index.ts": "lrfind",
  "packages/lrfind/src/plot/index.ts": "lrfind/plot",
  "packages/lrfind/src/terminal/index.ts": "lrfind/terminal",
  "packages/lrfind/src/report/index.ts": "lrfind/report",
  "packages/lrfind/src/logs/index.ts": "lrfind/logs",
  "packages/lrfind/src/config/index.ts": "lrfind/config",
  "packages/engine/src/index.ts": "@lrfind/engine",
};

/** What stands on which page, by the folder of the source; the first that fits counts. */
const PAGES: readonly (readonly [file: string, title: string, folders: readonly string[]])[] = [
  [
    "layers",
    "Layers and models",
    [
      "engine/src/nn/layers",
      "engine/src/nn/models",
      "engine/src/nn/layer",
      "engine/src/nn/initializers",
      "engine/src/nn/model",
    ],
  ],
  ["losses", "Losses", ["engine/src/nn/losses"]],
  ["metrics", "Metrics", ["engine/src/nn/metrics"]],
  ["optimizers", "Optimizers", ["engine/src/nn/optimizers"]],
  ["data", "Data", ["learner/src/data"]],
  ["callbacks", "Callbacks", ["learner/src/learner/fit/callbacks"]],
  ["schedules", "Schedules", ["learner/src/learner/fit/schedules"]],
  ["pictures", "Pictures of fits", ["learner/src/pictures"]],
  ["train", "Training without code", ["learner/src/train"]],
  ["learner", "The Learner", ["learner/src/learner"]],
  ["sweep", "Sweeps", ["sweep/src"]],
  ["engine", "The engine", ["engine/src"]],
  ["logs", "Recorded logs", ["lrfind/src/logs"]],
  ["finder", "The finder", ["lrfind/src"]],
];

const SOURCES: Readonly<Record<string, string>> = {
  "@lrfind/engine": "packages/engine/src/index.ts",
  "@lrfind/engine/nn": "packages/engine/src/nn/index.ts",
  lrfind: "packages/lrfind/src/finder/index.ts",
};

const read = (path: string) => readFileSync(join(root, path), "utf8");

/** The source that a specifier in another means; undefined for a package that is not ours. */
function sourceOf(from: string, specifier: string): string | undefined {
  if (!specifier.startsWith(".")) return SOURCES[specifier];
  return relative(root, resolve(root, dirname(from), specifier.replace(/\.js$/, ".ts")));
}

/** What a source exports, and the source and name that declare it. */
function exportsOf(file: string): Map<string, { readonly file: string; readonly name: string }> {
  const text = read(file);
  const found = new Map<string, { file: string; name: string }>();
  for (const [, all, list, specifier] of text.matchAll(
    /^export (?:type )?(?:(\*)|\{([^}]*)\}) from "([^"]+)";/gm,
  )) {
    const source = sourceOf(file, specifier!);
    if (source === undefined) continue;
    const inner = exportsOf(source);
    if (all === "*") for (const [name, place] of inner) found.set(name, place);
    for (const part of (list ?? "").split(",").map((name) => name.trim().replace(/^type /, ""))) {
      if (part === "") continue;
      const [name, alias = name] = part.split(" as ") as [string, string?];
      const place = inner.get(name);
      if (!place) throw new Error(`${file}: no ${name} in ${source}`);
      found.set(alias, place);
    }
  }
  for (const [, , name] of text.matchAll(
    /^export (?:declare )?(?:abstract )?(?:async )?(function\*?|const|class|interface|type) (\w+)/gm,
  )) {
    found.set(name!, { file, name: name! });
  }
  return found;
}

/** Where a bracket that opens at an index closes. */
function closing(text: string, open: number): number {
  const pairs: Readonly<Record<string, string>> = { "(": ")", "{": "}", "[": "]" };
  let depth = 0;
  for (let i = open; i < text.length; i++) {
    const c = text[i]!;
    if (c in pairs) depth++;
    else if (Object.values(pairs).includes(c) && --depth === 0) return i;
  }
  throw new Error("a bracket that does not close");
}

function plainDoc(comment: string | undefined): string {
  return (comment ?? "")
    .replace(/^\s*\/\*\*|\*\/\s*$/g, "")
    .split("\n")
    .map((line) => line.replace(/^\s*\* ?/, ""))
    .join("\n")
    .trim();
}

/** A declaration up to its body or value. */
function signatureOf(text: string, start: number): string {
  let i = start;
  for (; i < text.length; i++) {
    if ("([".includes(text[i]!)) i = closing(text, i);
    else if (
      text[i] === "{" &&
      /[)\w>\]}]\s*$/.test(text.slice(start, i)) &&
      !/[:|&]\s*$/.test(text.slice(start, i))
    )
      break;
    else if (text[i] === "{") i = closing(text, i);
    else if (
      text[i] === ";" ||
      (text[i] === "=" && text[i + 1] !== ">" && !/<[^>]*$/.test(text.slice(start, i)))
    )
      break;
  }
  return text
    .slice(start, i)
    .replace(/^export /, "")
    .replace(/^async /, "")
    .trim();
}

/** The members of an interface or class that users see, of the outermost level. */
function membersOf(body: string, indent = "  "): Member[] {
  const member = new RegExp(
    `^((?:${indent}/\\*\\*(?:(?!\\*/)[\\s\\S])*\\*/\\n)?)${indent}(?!#|private |protected |constructor|static |//|\\*|\\}|/)(?:readonly |abstract |async |override |get )*(\\[[^\\]]*\\]|[\\w$]+)(\\??)(?=[:(<])`,
    "gm",
  );
  return [...body.matchAll(member)].flatMap(({ 0: whole, 1: comment, 2: name, 3: optional, index }) => {
    const start = index + whole.length;
    const type = memberType(body, start);
    return { name: name!, type, isOptional: optional === "?", doc: plainDoc(comment) };
  });
}

function memberType(body: string, start: number): string {
  let i = start;
  for (; i < body.length; i++) {
    if ("([{".includes(body[i]!)) {
      if (
        body[i] === "{" &&
        /\)(: [^{;]*)?\s*$/.test(body.slice(start, i)) &&
        !/:\s*$/.test(body.slice(start, i))
      )
        break;
      i = closing(body, i);
    } else if (body[i] === ";" || (body[i] === "=" && body[i + 1] !== ">")) break;
  }
  return body
    .slice(start, i)
    .replace(/^:\s*/, "")
    .replaceAll(/\s+/g, " ")
    .replaceAll("( ", "(")
    .replaceAll(", )", ")")
    .trim();
}

/** What a class has of those of ours that it is made from, which are no exports themselves. */
function inherited(file: string, signature: string): Member[] {
  const parent = /\bextends (\w+)/.exec(signature)?.[1];
  const imported = new RegExp(`^import \\{[^}]*\\b${parent}\\b[^}]*\\} from "(\\.[^"]+)";`, "m").exec(
    read(file),
  );
  const source = imported && sourceOf(file, imported[1]!);
  const isThere = source && new RegExp(`^export (abstract )?class ${parent}\\b`, "m").test(read(source));
  return isThere ? [...entryOf(parent!, { file: source, name: parent! }).members] : [];
}

/** Reads one declaration. */
function entryOf(alias: string, { file, name }: { readonly file: string; readonly name: string }): Entry {
  const text = read(file);
  const declaration = new RegExp(
    `^export (?:declare )?(?:abstract )?(?:async )?(function\\*?|const|class|interface|type) ${name}\\b`,
    "m",
  ).exec(text);
  if (!declaration) throw new Error(`${file}: no declaration of ${name}`);
  const { index } = declaration;
  const comment = /\/\*\*(?:(?!\*\/)[\s\S])*\*\/\n$/.exec(text.slice(0, index))?.[0];
  const kind = declaration[1]!.replace("*", "") as Entry["kind"];
  const hasBody = kind === "interface" || kind === "class";
  const signature = signatureOf(text, index);
  const open = index + text.slice(index).indexOf(" {\n", signature.length - 1) + 1;
  const body = hasBody ? text.slice(open + 1, closing(text, open)) : "";
  const typeText =
    kind === "type" ? text.slice(index, text.indexOf(";\n", index)).replace(/^export /, "") : undefined;
  return {
    ...{ name: alias, kind, file, doc: plainDoc(comment), signature: typeText ?? signature },
    members: hasBody ? [...membersOf(body), ...(kind === "class" ? inherited(file, signature) : [])] : [],
  };
}

/** Everything that users can import, by the package's specifier; a name that several have stands with the first. */
export function everything(): Map<string, Entry[]> {
  const seen = new Set<string>();
  const all = new Map<string, Entry[]>();
  for (const [door, specifier] of Object.entries(DOORS)) {
    const entries: Entry[] = [];
    for (const [name, place] of exportsOf(door)) {
      if (seen.has(name)) continue;
      seen.add(name);
      entries.push(entryOf(name, place));
    }
    all.set(specifier, entries);
  }
  return all;
}

/** The specifier by which each name is imported. */
export function specifierOf(): Map<string, string> {
  return new Map(
    [...everything()].flatMap(([specifier, entries]) => entries.map(({ name }) => [name, specifier])),
  );
}

/** The code of a docstring's example. */
export function examplesOf({ doc }: Entry): string[] {
  return [...doc.matchAll(/@example\s+```ts\n([\s\S]*?)```/g)].map(([, code]) => code!);
}

function page(
  title: string,
  entries: readonly { readonly entry: Entry; readonly specifier: string }[],
): string {
  const sorted = entries.toSorted((a, b) => a.entry.name.localeCompare(b.entry.name, "en"));
  const isType = ({ entry }: { readonly entry: Entry }) =>
    entry.kind === "interface" || entry.kind === "type";
  const lines = [
    `# ${title}`,
    "",
    "<!-- Written by `npm run reference` from the docstrings of the sources. -->",
    "",
  ];
  const values = sorted.filter((one) => !isType(one));
  const types = sorted.filter(isType);
  lines.push(values.map(({ entry }) => `[\`${entry.name}\`](#${entry.name.toLowerCase()})`).join(" · "), "");
  for (const one of values) lines.push(...section(one, "##"));
  if (types.length > 0) lines.push("## Types", "");
  for (const one of types) lines.push(...section(one, "###"));
  return `${lines
    .join("\n")
    .replaceAll(/\n{3,}/g, "\n\n")
    .trim()}\n`;
}

function section(
  { entry, specifier }: { readonly entry: Entry; readonly specifier: string },
  level: string,
): string[] {
  const { name, kind, signature, members, doc } = entry;
  const shown = kind === "interface" ? signature.replace(/\s+extends[\s\S]*/, "") : signature;
  const parents =
    kind === "interface" ? /extends ([\s\S]*)/.exec(signature)?.[1]?.replaceAll(/\s+/g, " ") : undefined;
  return [
    `${level} ${name}`,
    "",
    `From \`"${specifier}"\`${parents ? `; has all of \`${parents}\`` : ""}.`,
    "",
    ...(kind === "interface" ? [] : ["<!-- fragment -->", "```ts", shown, "```", ""]),
    ...prose(doc),
    ...table(members),
  ];
}

/** A docstring as Markdown: parameters, errors and examples under names of their own. */
function prose(doc: string): string[] {
  const [body, ...tags] = doc.split(/\n?^@(?=param|typeParam|returns|throws|example|default|deprecated)/m);
  // The source stands at the end, behind the last tag.
  const source = /\n\nSource: [\s\S]*$/.exec(doc)?.[0].trim();
  const without = (text: string) => text.replace(/\n\nSource: [\s\S]*$/, "").trim();
  const lines = [without(body!), ""];
  const listed: string[] = [];
  for (const tag of tags) {
    const [, kind, text] = /^(\w+)\s*([\s\S]*)$/.exec(tag)!;
    const said = without(text!).replace(/^\{(\w+)\}/, "`$1`");
    if (kind === "example") listed.push("", said.replace("```ts", "<!-- fragment -->\n```ts"), "");
    else if (kind === "param" || kind === "typeParam")
      listed.push(`- \`${said.replace(/^(\S+)\s+-?\s*/, "$1`: ")}`.replaceAll(/\s+/g, " "));
    else
      listed.push(
        `- ${kind === "returns" ? "Gives" : kind === "throws" ? "Throws" : "Default"}: ${said.replaceAll(/\s+/g, " ")}`,
      );
  }
  return [...lines, ...listed, "", ...(source ? [source, ""] : [])];
}

function table(members: readonly Member[]): string[] {
  if (members.length === 0) return [];
  const cell = (text: string) => text.replaceAll("|", "\\|").replaceAll(/\s+/g, " ").trim();
  const rows = members.map(({ name, type, isOptional, doc }) => {
    const said = doc
      .replaceAll(/@example[\s\S]*?```ts[\s\S]*?```/g, "")
      .replaceAll(/@default /g, "Default: ")
      .replaceAll(/@param (\S+) -?/g, "`$1`:")
      .replaceAll(/@throws/g, "Throws")
      .replaceAll(/@returns/g, "Gives");
    return `| \`${name}${isOptional ? "?" : ""}\` | \`${cell(type)}\` | ${cell(said)} |`;
  });
  return ["| | type | |", "| --- | --- | --- |", ...rows, ""];
}

/** The pages by their file names. */
export function reference(): Map<string, string> {
  const byPage = new Map<string, { entry: Entry; specifier: string }[]>(PAGES.map(([file]) => [file, []]));
  for (const [specifier, entries] of everything()) {
    for (const entry of entries) {
      const at = PAGES.find(([, , folders]) =>
        folders.some((folder) => entry.file.startsWith(`packages/${folder}`)),
      );
      if (!at) throw new Error(`${entry.file}: stands on no page`);
      byPage.get(at[0])!.push({ entry, specifier });
    }
  }
  const pages = new Map(PAGES.map(([file, title]) => [`${file}.md`, page(title, byPage.get(file)!)]));
  const index = PAGES.map(([file, title]) => {
    const values = byPage
      .get(file)!
      .filter(({ entry }) => entry.kind !== "interface" && entry.kind !== "type");
    return `| [${title}](${file}.md) | ${values.map(({ entry }) => `\`${entry.name}\``).join(", ")} |`;
  });
  const head =
    "# Reference\n\nEvery export of the packages, from its docstring.\n\n| page | |\n| --- | --- |\n";
  return pages.set("README.md", `${head}${index.join("\n")}\n`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const folder = join(root, "docs/reference");
  const pages = reference();
  if (existsSync(folder))
    for (const name of readdirSync(folder)) if (!pages.has(name)) rmSync(join(folder, name));
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of pages) writeFileSync(join(folder, name), text);
}
