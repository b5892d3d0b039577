import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import {
  type FileHandle,
  mkdtemp,
  open,
  readdir,
  readFile,
  rm,
  symlink,
  utimes,
  writeFile,
} from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { removeLeftovers, temporaryBeside } from "../../../../lrfind/src/core/index.js";
import { LearnerError, writeAtomically } from "../../../src/learner/index.js";
import { checkWritable } from "../../../src/learner/store/index.js";

let folder: string;
let path: string;
let handle: FileHandle;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "lrfind-disk-"));
  path = join(folder, "file");
  await writeFile(path, "old");
  const opened = await open(path);
  handle = Object.getPrototypeOf(opened) as FileHandle;
  await opened.close();
});
afterEach(async () => {
  vi.restoreAllMocks();
  await rm(folder, { recursive: true });
});

const bytes = (text: string) => new TextEncoder().encode(text);
const full = Object.assign(new Error("ENOSPC: no space left on device"), { code: "ENOSPC" });

/** Paths in the folder that this process has open, where the system can tell. */
function openFiles(): string[] {
  const fds = "/proc/self/fd";
  if (!existsSync(fds)) return [];
  const targets = readdirSync(fds).flatMap((fd) => {
    try {
      return [readlinkSync(join(fds, fd))];
    } catch {
      // That of the listing itself.
      return [];
    }
  });
  return targets.filter((target) => target.startsWith(folder));
}

describe("writeAtomically", () => {
  test("goes on where the disk takes a part only", async () => {
    const write = handle.write as (part: Uint8Array, offset: number, length: number) => Promise<unknown>;
    vi.spyOn(handle, "write").mockImplementation(function (this: FileHandle, part: Uint8Array, from: number) {
      return write.call(this, part, from, Math.min(3, part.length - from));
    } as never);
    await writeAtomically(path, [bytes("0123456"), bytes(""), bytes("789")]);
    expect(await readFile(path, "utf8")).toBe("0123456789");
  });

  test("has the new file on the disk before it takes the old one's place, and the name after", async () => {
    const seen: string[] = [];
    const sync = handle.sync;
    vi.spyOn(handle, "sync").mockImplementation(async function (this: FileHandle) {
      const temporary = readdirSync(folder).filter((name) => name !== "file");
      seen.push(`${readFileSync(path, "utf8")}, ${temporary.length} beside it`);
      for (const name of temporary) seen.push(readFileSync(join(folder, name), "utf8"));
      await sync.call(this);
    });
    await writeAtomically(path, [bytes("new")]);
    expect(seen).toEqual(["old, 1 beside it", "new", "new, 0 beside it"]);
    expect(openFiles()).toEqual([]);
  });

  test.each(["write", "sync"] as const)(
    "closes its file and takes it away where it cannot %s",
    async (step) => {
      vi.spyOn(handle, step).mockRejectedValue(full);
      const error = await writeAtomically(path, [bytes("new")]).catch((caught: unknown) => caught);
      expect(error).toBeInstanceOf(LearnerError);
      expect(error).toMatchObject({
        where: `"${path}"`,
        expected: "a file that can be written",
        got: full.message,
        cause: full,
      });
      expect(openFiles()).toEqual([]);
      expect(await readdir(folder)).toEqual(["file"]);
      expect(await readFile(path, "utf8")).toBe("old");
    },
  );

  test("says so where the new name may not be on the disk, and closes the folder", async () => {
    let count = 0;
    vi.spyOn(handle, "sync").mockImplementation(async () => {
      if (++count === 2) throw full;
    });
    await expect(writeAtomically(path, [bytes("new")])).rejects.toThrow(
      "a file that can be written, got ENOSPC",
    );
    expect(openFiles()).toEqual([]);
    expect(await readFile(path, "utf8")).toBe("new");
  });

  test("does not open folders on Windows, which cannot", async () => {
    const platform = Object.getOwnPropertyDescriptor(process, "platform")!;
    const sync = vi.spyOn(handle, "sync");
    Object.defineProperty(process, "platform", { ...platform, value: "win32" });
    try {
      await writeAtomically(path, [bytes("new")]);
    } finally {
      Object.defineProperty(process, "platform", platform);
    }
    expect(sync).toHaveBeenCalledTimes(1);
  });

  test("takes the place of a link, not of what it leads to", async () => {
    const link = join(folder, "link");
    await symlink(path, link);
    await writeAtomically(link, [bytes("new")]);
    expect([await readFile(link, "utf8"), await readFile(path, "utf8")]).toEqual(["new", "old"]);
  });

  test.each([null, undefined, 3, "text", () => []])("refuses parts that are none: %s", async (parts) => {
    const error = await writeAtomically(path, parts as never).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(LearnerError);
    expect((error as Error).message).toMatch(/^writeAtomically: expected parts to be /);
    expect(await readFile(path, "utf8")).toBe("old");
  });
});

describe("checkWritable", () => {
  test("leaves nothing, touches nothing, and closes what it opened", async () => {
    await checkWritable(path);
    await checkWritable(join(folder, "sub", "other"));
    expect(openFiles()).toEqual([]);
    expect(await readFile(path, "utf8")).toBe("old");
    expect((await readdir(folder)).sort()).toEqual(["file", "sub"]);
    expect(await readdir(join(folder, "sub"))).toEqual([]);
  });

  test.each<[unknown, string]>([
    ["", 'path: expected the path or file: URL of a file, got ""'],
    [null, "path: expected the path or file: URL of a file, got null"],
    [7, "path: expected the path or file: URL of a file, got 7"],
  ])("refuses %j", async (given, message) => {
    await expect(checkWritable(given as string)).rejects.toThrow(message);
  });

  test("refuses a folder and a device by what they are", async () => {
    await expect(checkWritable(folder)).rejects.toThrow(
      `"${folder}": expected a file to write, got a folder; try a file's name`,
    );
    await expect(checkWritable("/dev/null")).rejects.toThrow(
      `"/dev/null": expected a file to write, got a device, a socket or a pipe; try a file's name`,
    );
  });
});

describe("temporary files", () => {
  const machine = createHash("sha256").update(hostname()).digest("hex").slice(0, 8);
  const HOUR = 60 * 60 * 1000;

  test("say what they will be, and who writes them", () => {
    const name = (full: string) => temporaryBeside({ folder: "/x/y", name: full }).slice("/x/y/".length);
    expect(name("model.onnx")).toMatch(
      new RegExp(`^\\.model\\.onnx\\.lrfind-${machine}-${process.pid}-[0-9a-f]{12}\\.part$`),
    );
    expect(name("a")).not.toBe(name("a"));
    // The first 40 letters, whatever their length in UTF-16.
    for (const letter of ["x", "字", "😀"]) {
      for (const [count, shown] of [
        [39, 39],
        [40, 40],
        [41, 40],
      ] as const) {
        expect(name(letter.repeat(count))).toMatch(new RegExp(`^\\.(${letter}){${shown}}\\.lrfind-`, "u"));
      }
    }
  });

  /** Whether a part file of a writer that was last heard of some hours ago is left alone. */
  async function survives(pid: number, hours: number, host = machine): Promise<boolean> {
    const name = join(folder, `.f.lrfind-${host}-${pid}-0123456789ab.part`);
    await writeFile(name, "");
    const then = new Date(Date.now() - hours * HOUR);
    await utimes(name, then, then);
    await removeLeftovers(folder);
    return existsSync(name);
  }

  test.each([
    ["another machine's, within a day", 1, 23.9, true],
    ["another machine's, after a day", 1, 24.1, false],
  ] as const)("%s", async (_, pid, hours, lives) => {
    expect(await survives(pid, hours, "00000000")).toBe(lives);
  });

  test("of a process that lives are kept for a day; of one that does not, not at all", async () => {
    expect(await survives(process.ppid, 23.9)).toBe(true);
    expect(await survives(process.ppid, 24.1)).toBe(false);
    const kill = vi.spyOn(process, "kill");
    const fails = (code: string) =>
      kill.mockImplementation(() => {
        throw Object.assign(new Error(code), { code });
      });
    fails("ESRCH");
    expect(await survives(12_345, 0)).toBe(false);
    // Another user's process cannot be signalled, and lives.
    fails("EPERM");
    expect(await survives(12_345, 1)).toBe(true);
    expect(kill).toHaveBeenCalledWith(12_345, 0);
  });

  test("with this process's number are of one before it, if they are older than it is", async () => {
    const age = process.uptime() / 3600;
    expect(await survives(process.pid, age / 2)).toBe(true);
    expect(await survives(process.pid, age + 0.1)).toBe(false);
  });

  test("in a folder that cannot be listed, or that are gone, are no reason to fail", async () => {
    await removeLeftovers(join(folder, "nowhere"));
    await symlink(join(folder, "nothing"), join(folder, `.f.lrfind-${machine}-1-0123456789ab.part`));
    await removeLeftovers(folder);
    expect((await readdir(folder)).length).toBe(2);
  });
});
