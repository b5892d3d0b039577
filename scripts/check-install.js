/**
 * Uses the packed packages as a stranger does: installs them in an empty folder by the README's line, runs the README's
 * quickstart there (on Bun and Deno too), and type-checks a program that uses every part of them. Run it after npm run build.
 *
 * Run: node scripts/check-install.js [npm pnpm yarn bun]; default: all four
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { useCommand } from "./use-command.js";

const root = fileURLToPath(new URL("..", import.meta.url));
const readme = readFileSync(join(root, "README.md"), "utf8");

/** The package managers, and what npm is to install for those that it is not. */
const managers = { npm: [], pnpm: ["pnpm@12"], yarn: ["yarn@1"], bun: ["bun@1"] };

/** Runtimes beside Node, the packages that bring them, and how each runs a file. */
const runtimes = [
  { name: "Bun", tool: "bun@1", command: ["bun"] },
  { name: "Deno", tool: "deno@2", command: ["deno", "run", "--allow-all"] },
];

/**
 * The environment without what `npm run` adds to it, which would reach the npm that is started here.
 *
 * @returns {NodeJS.ProcessEnv}
 */
function environment() {
  const added = /^npm_(?!config_(cache|cafile|registry|userconfig)$)/i;
  const kept = Object.entries(process.env).filter(([name]) => !added.test(name));
  return { ...Object.fromEntries(kept), COLUMNS: "80", NO_COLOR: "1" };
}

/**
 * Runs a command to its end, which must be a good one.
 *
 * @param {string} folder
 * @param {readonly string[]} command
 * @returns {string} What it wrote to standard output and error.
 */
function run(folder, command) {
  const [file, ...args] = command;
  const options = { cwd: folder, env: environment(), encoding: "utf8", shell: process.platform === "win32" };
  const { status, stdout, stderr, error } = spawnSync(/** @type {string} */ (file), args, {
    ...options,
    encoding: "utf8",
  });
  assert.equal(status, 0, `${command.join(" ")}: ${error ?? `${stdout}\n${stderr}`}`);
  return `${stdout}${stderr}`;
}

/**
 * A block of the README between two comments.
 *
 * @param {string} name
 */
function block(name) {
  const found = new RegExp(`<!-- ${name} -->\\n+\`\`\`\\w*\\n([\\s\\S]*?)\`\`\`\\n+<!-- /${name} -->`).exec(
    readme,
  );
  assert.ok(found?.[1], `README.md: expected a block "${name}"`);
  return found[1];
}

/**
 * The words of the README's install line, for another package manager and with the packed files in place of the names.
 *
 * @param {string} manager
 * @param {Readonly<Record<string, string>>} packed
 */
function installLine(manager, packed) {
  const line = block("install")
    .split("\n")
    .find((text) => text.startsWith("npm add "));
  assert.ok(line, 'README.md: expected a line "npm add …" in the block "install"');
  const words = line
    .replace(/\s*#.*$/, "")
    .split(/\s+/)
    .slice(1);
  assert.ok(words.includes("@lrfind/learner"), line);
  return [manager, ...words.map((word) => packed[word] ?? word)];
}

/**
 * Has the packages' own dependencies among one another, which no registry has yet, come from the packed files too.
 *
 * @param {string} folder
 * @param {string} manager
 * @param {Readonly<Record<string, string>>} packed
 */
function usePacked(folder, manager, packed) {
  const path = join(folder, "package.json");
  const manifest = JSON.parse(readFileSync(path, "utf8"));
  // npm takes what is installed beside, and refuses an override of it.
  if (manager === "npm") return;
  if (manager === "pnpm") {
    const lines = Object.entries(packed).map(([name, file]) => `  "${name}": "${file}"`);
    writeFileSync(join(folder, "pnpm-workspace.yaml"), `overrides:\n${lines.join("\n")}\n`);
  } else {
    writeFileSync(path, JSON.stringify({ ...manifest, overrides: packed, resolutions: packed }, null, 2));
  }
}

/**
 * The lines that warn, but for what npm says of the machine's own configuration, and yarn of the flag that it was given and
 * of a packed file that is asked for twice, as no registry's would be.
 *
 * @param {string} said
 */
function warningsIn(said) {
  const own =
    /Unknown (user|env|global|builtin) config|warning Ignored scripts due to flag|warning Pattern .*\.tgz/;
  return said.split("\n").filter((line) => /warn|deprecated/i.test(line) && !own.test(line));
}

/** Losses and rates differ in their last digits from processor to processor. */
const NUMBER = /\d+(?:\.\d+)?(?:e-?\d+)?/g;

/**
 * Compares an output with the README's: the same words, and numbers that are near.
 *
 * @param {string} output
 */
function compareWithReadme(output) {
  const expected = block("quickstart-output").trimEnd().split("\n");
  const lines = output.trimEnd().split("\n");
  assert.equal(lines.length, expected.length, output);
  const wordsOf = (/** @type {string} */ text) =>
    text
      .replace(NUMBER, "#")
      .replace(/[#\s┌─┐└┘┏━┓┗┛│┤▲·]+/g, " ")
      .trim();
  const numbersOf = (/** @type {string} */ text) => (text.match(NUMBER) ?? []).map(Number);
  for (const [i, line] of lines.entries()) {
    const wanted = /** @type {string} */ (expected[i]);
    const isProse = /[a-z]{4}/.test(wanted);
    if (!isProse) continue;
    assert.equal(wordsOf(line), wordsOf(wanted), output);
    for (const [k, number] of numbersOf(wanted).entries()) {
      const got = /** @type {number} */ (numbersOf(line)[k]);
      assert.ok(got > number / 1.5 && got < number * 1.5, `expected about ${number}, got ${got}:\n${output}`);
    }
  }
}

/** What a TypeScript program must say to use lrfind, as the README lists it. */
const COMPILER_OPTIONS = {
  target: "es2022",
  lib: ["es2022", "esnext.disposable", "dom"],
  types: ["node"],
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  skipLibCheck: false,
  noEmit: true,
};

/**
 * Makes a project in the workplace, with some packages.
 *
 * @param {string} name
 * @param {readonly string[]} packages
 */
function folderOf(name, packages) {
  const folder = join(workplace, name);
  mkdirSync(folder);
  run(folder, ["npm", "init", "-y"]);
  if (packages.length > 0) run(folder, ["npm", "add", ...packages]);
  return folder;
}

const RESOLUTIONS = [
  { module: "nodenext", moduleResolution: "nodenext" },
  { module: "esnext", moduleResolution: "bundler" },
];

/**
 * Type-checks a program that imports every part of the packages.
 *
 * @param {string} folder
 * @param {string} compiler - Path of tsc.
 * @param {object} options
 */
function typeCheck(folder, compiler, options) {
  // What the install line names can be imported; what comes along with it need not be, with pnpm.
  const parts = manifests
    .filter(({ name }) => name !== "@lrfind/engine")
    .flatMap(({ name, exports }) =>
      Object.entries(exports).flatMap(([path, entry]) =>
        typeof entry === "string" ? [] : path.replace(".", name),
      ),
    );
  const imports = parts.map((part, i) => `export * as part${i} from "${part}";`);
  const use = `
import type { Trainer } from "lrfind";
import { edge, lrFind, valley } from "lrfind";
import { Learner } from "@lrfind/learner";
export async function find(trainer: Trainer, learn: Learner, signal?: AbortSignal): Promise<number | null> {
  const { suggestions } = await lrFind(trainer, { suggestFuncs: [edge, valley], ...(signal ? { signal } : {}) });
  const byDefault = await learn.lrFind();
  await learn.fit(1, { lr: byDefault });
  return suggestions.edge.lr ?? suggestions.valley.lr ?? byDefault.suggestions.valley.lr;
}
`;
  mkdirSync(join(folder, "types"), { recursive: true });
  writeFileSync(join(folder, "types/index.ts"), `${imports.join("\n")}\n${use}`);
  writeFileSync(join(folder, "types/quickstart.mts"), block("quickstart"));
  const config = {
    compilerOptions: { ...COMPILER_OPTIONS, ...options },
    files: ["index.ts", "quickstart.mts"],
  };
  writeFileSync(join(folder, "types/package.json"), '{ "type": "module" }\n');
  writeFileSync(join(folder, "types/tsconfig.json"), JSON.stringify(config));
  run(folder, [process.execPath, compiler, "--pretty", "false", "-p", "types"]);
}

/** What the finder alone may bring into a project. */
const LIGHT = { packages: 5, megabytes: 5 };

/**
 * Installs the finder alone, and weighs what came.
 *
 * @param {string} packed
 */
function weigh(packed) {
  const folder = folderOf("light", [packed]);
  const files = readdirSync(join(folder, "node_modules"), { recursive: true, encoding: "utf8" });
  const packages = files.filter((file) =>
    /(^|\/)node_modules\/((@[^/]+\/)?[^/]+)\/package\.json$/.test(`node_modules/${file}`),
  );
  const bytes = files.reduce((sum, file) => sum + statSync(join(folder, "node_modules", file)).size, 0);
  const megabytes = bytes / 1e6;
  console.log(`lrfind alone: ${packages.length} packages, ${megabytes.toFixed(1)} MB`);
  assert.ok(packages.length <= LIGHT.packages && megabytes <= LIGHT.megabytes, JSON.stringify(LIGHT));
}

/**
 * Runs the quickstart on the other runtimes that npm brings.
 *
 * @param {string} folder - Where the packages are installed by npm.
 */
function otherRuntimes(folder) {
  const tools = join(
    folderOf(
      "runtimes",
      runtimes.map(({ tool }) => tool),
    ),
    "node_modules/.bin",
  );
  for (const { name, command } of runtimes) {
    const [file = "", ...rest] = command;
    const output = run(folder, [join(tools, file), ...rest, "quickstart.mjs"]);
    // Bun breaks an object's lines where Node does not.
    compareWithReadme(output.replaceAll(/\{\n\s+/g, "{ ").replaceAll(/,\n\}/g, " }"));
    console.log(`${name}: a search and a fit print what the README says`);
  }
}

const folders = ["packages/lrfind", "packages/engine", "packages/learner", "packages/sweep"];
const manifests = folders.map((folder) =>
  JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8")),
);
const names = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(managers);
const workplace = mkdtempSync(join(tmpdir(), "lrfind-install-"));
try {
  const packed = Object.fromEntries(
    manifests.map(({ name, version }, i) => {
      run(join(root, folders[i] ?? ""), ["npm", "pack", "--ignore-scripts", "--pack-destination", workplace]);
      return [name, `file:${join(workplace, `${name.replace("@", "").replace("/", "-")}-${version}.tgz`)}`];
    }),
  );
  const compilers = folderOf("compilers", ["@types/node@20", "typescript@5.7"]);
  weigh(packed["lrfind"] ?? "");
  for (const name of names) {
    const tools = managers[/** @type {keyof typeof managers} */ (name)];
    assert.ok(tools, `expected one of ${Object.keys(managers).join(", ")}, got ${name}`);
    const manager =
      tools.length === 0 ? name : join(folderOf(`${name}-itself`, tools), "node_modules/.bin", name);
    const folder = folderOf(name, []);
    usePacked(folder, name, packed);
    const line = installLine(manager, packed);
    line.push(packed["@lrfind/sweep"] ?? "");
    // npm has to find what these import, too, among what it is given.
    if (name === "npm") line.push(packed["@lrfind/engine"] ?? "");
    assert.deepEqual(warningsIn(run(folder, line)), [], name);
    writeFileSync(join(folder, "quickstart.mjs"), block("quickstart"));
    compareWithReadme(run(folder, ["node", "quickstart.mjs"]));
    if (name === "npm") {
      otherRuntimes(folder);
      useCommand(folder, { root, run });
      console.log("the command trains, predicts, suggests, reports and sweeps");
    }
    for (const compiler of [root, compilers]) {
      for (const resolution of RESOLUTIONS) {
        const typeRoots = [join(compilers, "node_modules/@types")];
        typeCheck(folder, join(compiler, "node_modules/typescript/bin/tsc"), { ...resolution, typeRoots });
      }
    }
    console.log(
      `${name}: installs without a warning, the quickstart prints what the README says, the types pass`,
    );
  }
} finally {
  rmSync(workplace, { recursive: true, force: true });
}
