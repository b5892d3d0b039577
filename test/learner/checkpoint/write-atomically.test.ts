import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { writeAtomically } from "../../../src/learner/index.js";

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "lrfind-write-"));
  path = join(folder, "file");
  await writeFile(path, "old");
});
afterEach(() => rm(folder, { recursive: true }));

const bytes = (text: string) => new TextEncoder().encode(text);
const script = (name: string) => fileURLToPath(new URL(name, import.meta.url));

describe("writeAtomically", () => {
  test("replaces the file, by path or URL, and leaves nothing else", async () => {
    await writeAtomically(path, [bytes("new "), bytes(""), bytes("file")]);
    expect(await readFile(path, "utf8")).toBe("new file");
    await writeAtomically(pathToFileURL(path), [bytes("newer")]);
    expect(await readFile(path, "utf8")).toBe("newer");
    expect(await readdir(folder)).toEqual(["file"]);
  });

  test("leaves the old file and nothing else where the contents fail half way", async () => {
    async function* failing() {
      yield bytes("half of it");
      throw new Error("the other half is lost");
    }
    await expect(writeAtomically(path, failing())).rejects.toThrow("the other half is lost");
    expect(await readFile(path, "utf8")).toBe("old");
    expect(await readdir(folder)).toEqual(["file"]);
  });

  test("leaves what is there where it cannot be replaced", async () => {
    const taken = join(folder, "taken");
    await mkdir(join(taken, "inside"), { recursive: true });
    await expect(writeAtomically(taken, [bytes("x")])).rejects.toThrow();
    expect((await readdir(folder)).sort()).toEqual(["file", "taken"]);
    await expect(writeAtomically(join(folder, "missing", "x"), [bytes("x")])).rejects.toThrow("ENOENT");
  });

  test("leaves the old file whole when the process is killed half way", async () => {
    const child = spawn(process.execPath, ["--import", "tsx", script("slow-writer.ts"), path], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    try {
      const [output] = (await once(child.stdout, "data")) as [Buffer];
      expect(output.toString()).toContain("half");
    } finally {
      child.kill("SIGKILL");
      await once(child, "exit");
    }
    expect(await readFile(path, "utf8")).toBe("old");
    // What was written of the new one lies beside it, under a name that nobody takes for it.
    expect((await readdir(folder)).filter((name) => name !== "file")).toEqual([
      expect.stringMatching(/^\.file\..+\.part$/),
    ]);
  });

  // The shell's limit on file sizes, in blocks of 1 KiB or 512 bytes, makes a disk that is full after 64 of them.
  test.skipIf(process.platform === "win32")(
    "leaves the old file and nothing else when the disk is full",
    async () => {
      const command = `trap '' XFSZ; ulimit -f 64; exec "$0" --import tsx "$1" "$2"`;
      const args = ["-c", command, process.execPath, script("full-disk-writer.ts"), path];
      const env = { ...process.env, TSX_DISABLE_CACHE: "1" };
      const { stdout } = spawnSync("sh", args, { encoding: "utf8", env });
      expect(stdout.trim()).toBe("EFBIG");
      expect(await readFile(path, "utf8")).toBe("old");
      expect(await readdir(folder)).toEqual(["file"]);
    },
  );
});
