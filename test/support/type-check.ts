import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "../../scripts/packages.js";

/** A `ts` block of a document, and the line before its first one. */
export interface Block {
  readonly document: string;
  readonly line: number;
  readonly code: string;
}

/**
 * Type-checks blocks as modules of their own, with the repository's settings; gives the compiler's complaints.
 *
 * @param given - A module that declares what the blocks take for given.
 */
export function complaints(blocks: readonly Block[], given: string): string[] {
  const folder = mkdtempSync(join(tmpdir(), "lrfind-docs-"));
  try {
    const names = blocks.map(({ document, line, code }, i) => {
      const name = `${document.replaceAll(/\W/g, "-")}-${i}.mts`;
      // Empty lines before it, so that the compiler's line numbers are the document's.
      writeFileSync(join(folder, name), `${"\n".repeat(line)}${code}\nexport {};\n`);
      return name;
    });
    writeFileSync(join(folder, "given.d.mts"), given);
    const config = {
      extends: join(root, "tsconfig.json"),
      compilerOptions: {
        noUnusedLocals: false,
        rootDir: "/",
        typeRoots: [join(root, "node_modules/@types")],
      },
      files: ["given.d.mts", ...names],
      include: [],
    };
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
    const tsc = join(root, "node_modules/typescript/bin/tsc");
    const { stdout, stderr } = spawnSync(
      process.execPath,
      [tsc, "--noEmit", "--pretty", "false", "-p", folder],
      {
        cwd: folder,
        encoding: "utf8",
      },
    );
    return `${stdout}${stderr}`.split("\n").filter((line) => line !== "");
  } finally {
    rmSync(folder, { recursive: true });
  }
}
