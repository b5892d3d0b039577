import { spawnSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { missing } from "../../../../test/support/requirements.js";

/** A disk of a test's own, of a few megabytes, which can be filled. */
export class SmallDisk implements Disposable {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** One; undefined where this process may not mount any. */
  static mount(): SmallDisk | undefined {
    const folder = mkdtempSync(join(tmpdir(), "disk-"));
    const { status, stderr } = spawnSync("mount", ["-t", "tmpfs", "-o", "size=8m", "tmpfs", folder], {
      encoding: "utf8",
    });
    return status === 0 ? new SmallDisk(folder) : missing("a disk that can be filled", stderr);
  }

  fill(): void {
    const file = openSync(join(this.folder, "filler"), "w");
    try {
      for (const size of [1 << 16, 1 << 12, 1]) {
        const part = Buffer.alloc(size);
        try {
          for (;;) if (writeSync(file, part) < size) break;
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
        }
      }
    } finally {
      closeSync(file);
    }
  }

  empty(): void {
    rmSync(join(this.folder, "filler"));
  }

  [Symbol.dispose](): void {
    spawnSync("umount", ["-l", this.folder]);
  }
}
