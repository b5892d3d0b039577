import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { LearnerError, writeAtomically } from "../../../src/learner/index.js";
import { checkWritable } from "../../../src/learner/store/index.js";

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
    await expect(writeAtomically(taken, [bytes("x")])).rejects.toThrow("a file to write, got a folder");
    expect((await readdir(folder)).sort()).toEqual(["file", "taken"]);
  });

  test("makes the folders that are missing", async () => {
    const far = join(folder, "not", "there", "yet");
    await writeAtomically(far, [bytes("x")]);
    expect(await readFile(far, "utf8")).toBe("x");
  });

  test("tells by an error of its own, with the disk's as its cause, what cannot be written", async () => {
    const cases: readonly (readonly [string | URL, string, string | undefined])[] = [
      [join(path, "below"), "EEXIST", "EEXIST"],
      [join(folder, "x".repeat(300)), "ENAMETOOLONG", "ENAMETOOLONG"],
      [new URL("https://example.org/file"), "scheme file", "ERR_INVALID_URL_SCHEME"],
      [`${path}\0`, "null bytes", "ERR_INVALID_ARG_VALUE"],
      ["", 'got ""', undefined],
      [undefined as never, "got undefined", undefined],
      [3 as never, "got 3", undefined],
      ["/dev/null", "a device", undefined],
    ];
    for (const [target, words, code] of cases) {
      for (const write of [() => writeAtomically(target, [bytes("x")]), () => checkWritable(target)]) {
        const error = await write().catch((caught: unknown) => caught);
        expect(error).toBeInstanceOf(LearnerError);
        expect((error as Error).message).toContain(words);
        if (code) expect((error as Error).cause).toMatchObject({ code });
      }
    }
    expect(await readdir(folder)).toEqual(["file"]);
    expect((await stat("/dev/null")).isCharacterDevice()).toBe(true);
  });

  test("takes names as long as the file system allows", async () => {
    for (const name of ["x".repeat(255), "字".repeat(85)]) {
      await writeAtomically(join(folder, name), [bytes("x")]);
      expect(await readFile(join(folder, name), "utf8")).toBe("x");
    }
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
    const left = async () => (await readdir(folder)).filter((name) => name !== "file");
    expect(await left()).toEqual([expect.stringMatching(/^\.file\.lrfind-.+\.part$/)]);
    // The next one into that folder takes it away.
    await writeAtomically(join(folder, "other"), [bytes("new")]);
    expect(await left()).toEqual(["other"]);
  });

  test("takes nobody's files away but its own dead", async () => {
    const machine = createHash("sha256").update(hostname()).digest("hex").slice(0, 8);
    const dead = spawnSync(process.execPath, ["--version"]).pid;
    const part = (host: string, pid: number) => `.file.lrfind-${host}-${pid}-0123456789ab.part`;
    const living = [
      part(machine, process.ppid),
      part(machine, process.pid),
      part("00000000", dead),
      ".file.part",
      `file.lrfind-${machine}-${dead}-0123456789ab.part`,
      `.file.lrfind-${machine}-${dead}-0123456789ab.part.txt`,
    ];
    const gone = [part(machine, dead), `.other.lrfind-${machine}-${dead}-0123456789ab.part`];
    for (const name of [...living, ...gone]) await writeFile(join(folder, name), "");
    await writeAtomically(path, [bytes("new")]);
    expect((await readdir(folder)).sort()).toEqual(["file", ...living].sort());
    // Nobody writes for a day without writing, and no process has written before it began.
    const yesterday = new Date(Date.now() - 25 * 60 * 60 * 1000);
    const old = [part("00000000", dead), part(machine, process.pid)];
    for (const name of old) await utimes(join(folder, name), yesterday, yesterday);
    await writeAtomically(path, [bytes("newer")]);
    const kept = living.filter((name) => !old.includes(name));
    expect((await readdir(folder)).sort()).toEqual(["file", ...kept].sort());
  });

  test("lets writers of one file be: the last one counts, and nothing is left", async () => {
    const contents = Array.from({ length: 8 }, (_, i) => `text ${i}`);
    await Promise.all(contents.map((text) => writeAtomically(path, [bytes(text)])));
    expect(contents).toContain(await readFile(path, "utf8"));
    expect(await readdir(folder)).toEqual(["file"]);
  });

  // The shell's limit on file sizes, in blocks of 1 KiB or 512 bytes, makes a disk that is full after 64 of them.
  test.skipIf(process.platform === "win32")(
    "leaves the old file and nothing else when the disk is full",
    async () => {
      const command = `trap '' XFSZ; ulimit -f 64; exec "$0" --import tsx "$1" "$2"`;
      const args = ["-c", command, process.execPath, script("full-disk-writer.ts"), path];
      const env = { ...process.env, TSX_DISABLE_CACHE: "1" };
      const { stdout } = spawnSync("sh", args, { encoding: "utf8", env });
      expect(stdout.trim()).toBe("LearnerError EFBIG");
      expect(await readFile(path, "utf8")).toBe("old");
      expect(await readdir(folder)).toEqual(["file"]);
    },
  );
});
