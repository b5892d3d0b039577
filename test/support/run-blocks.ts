import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../scripts/packages.js";

/** How a document's blocks ended. */
export interface RunOutcome {
  /** How many ran to their end. */
  readonly ended: number;
  /** The message of what each threw, or "", where they are run whatever those before them did. */
  readonly outcomes: readonly string[];
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs the code of a document, block by block in one process, as a reader does who follows it: what an earlier block has
 * written, a later one finds.
 *
 * @param blocks - TypeScript modules.
 * @param given - A module that makes, on `globalThis`, what the document takes for given; it runs in a folder that has
 *   `examples/data`.
 * @param each - Instead, a module with `base`, `learners` and `special`, by the blocks' names, which give globals anew before each
 *   block; and all are run, whatever those before them threw.
 */
export function runBlocks(
  blocks: readonly string[],
  given: string,
  each?: { readonly given: string; readonly names: readonly string[] },
): RunOutcome {
  // Beneath the repository, whose tsconfig.json says where the packages' sources are.
  const folder = mkdtempSync(join(root, "test", ".docs-"));
  try {
    writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
    mkdirSync(join(folder, "examples"));
    symlinkSync(join(root, "examples/data"), join(folder, "examples/data"));
    cpSync(join(root, "examples/data/digits-images-idx3-ubyte.gz"), join(folder, "images.gz"));
    cpSync(join(root, "examples/data/digits-labels-idx1-ubyte.gz"), join(folder, "labels.gz"));
    const main = [
      given,
      ...blocks.map((code, i) => {
        // The packages have the examples' data once they are built.
        const local = code.replaceAll('resolve("@lrfind/learner/examples/', 'resolve("./examples/');
        writeFileSync(join(folder, `block-${i}.ts`), local);
        return `await import("./block-${i}.ts");\nconsole.log("ENDED ${i}");`;
      }),
    ];
    const program = each === undefined ? main.join("\n") : programOf(each.names, blocks);
    if (each !== undefined) writeFileSync(join(folder, "given.ts"), each.given);
    writeFileSync(join(folder, "main.ts"), program);
    const tsx = join(root, "node_modules/tsx/dist/cli.mjs");
    const args = [tsx, "--tsconfig", join(root, "tsconfig.json"), "main.ts"];
    const { status, stdout, stderr } = spawnSync(process.execPath, args, {
      cwd: folder,
      encoding: "utf8",
      timeout: 280_000,
      maxBuffer: 2 ** 28,
    });
    const outcomes = Array.from(
      stdout.matchAll(/^OUTCOME (.*)$/gm),
      ([, json]) => JSON.parse(json!) as string,
    );
    return { outcomes, ended: stdout.match(/^ENDED \d+$/gm)?.length ?? 0, status, stdout, stderr };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Runs each block with globals of its own. */
function programOf(names: readonly string[], codes: readonly string[]): string {
  return `
    import { base, learners, special } from "./given.ts";
    const names: string[] = ${JSON.stringify(names)};
    const codes: string[] = ${JSON.stringify(codes)};
    for (const [i, name] of names.entries()) {
      let message = "";
      try {
        Object.assign(globalThis, await base(), await learners(codes[i]!), await (special as Record<string, () => unknown>)[name]?.());
        await import(\`./block-\${i}.ts\`);
      } catch (error) {
        message = String((error as Error).message ?? error) || "an error without a message";
      }
      console.log("\\nOUTCOME " + JSON.stringify(message));
    }
    process.exit(0);
  `;
}
