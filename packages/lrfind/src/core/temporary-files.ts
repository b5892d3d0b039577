import { nodeModule } from "./node-module.js";

/** Long enough to know a file by; with the rest, within the 255 bytes that a name may have. */
const SHOWN = 40;

/** A writer that has not written for as long is dead, wherever it was. */
const DAY_MS = 24 * 60 * 60 * 1000;

/** `.NAME.lrfind-MACHINE-PROCESS-RANDOM.part`; RANDOM tells apart what one process writes. */
const TEMPORARY = /^\..*\.lrfind-(?<machine>[0-9a-f]{8})-(?<pid>\d+)-[0-9a-f]{12}\.part$/s;

/** A path for what is being written, beside the file that it will become. It says who writes it. */
export function temporaryBeside(target: { readonly folder: string; readonly name: string }): string {
  const { join } = nodeModule<typeof import("node:path")>("path");
  const { randomBytes } = nodeModule<typeof import("node:crypto")>("crypto");
  const shown = [...target.name].slice(0, SHOWN).join("");
  const random = randomBytes(6).toString("hex");
  return join(target.folder, `.${shown}.lrfind-${thisMachine()}-${process.pid}-${random}.part`);
}

/**
 * Removes what processes that were killed have left in a folder: files that `temporaryBeside` named, whose process is
 * gone or, on another machine, has not written for a day.
 */
export async function removeLeftovers(folder: string): Promise<void> {
  const { readdir, rm, stat } = nodeModule<typeof import("node:fs/promises")>("fs/promises");
  const { join } = nodeModule<typeof import("node:path")>("path");
  let names: readonly string[];
  try {
    names = await readdir(folder);
  } catch {
    // A folder may be written to and yet not be listed.
    return;
  }
  for (const name of names) {
    const { machine, pid } = TEMPORARY.exec(name)?.groups ?? {};
    if (machine === undefined) continue;
    const path = join(folder, name);
    try {
      const { mtimeMs } = await stat(path);
      if (isDead({ machine, pid: Number(pid), mtimeMs })) await rm(path, { force: true });
    } catch {
      // Gone in the meantime, or another user's: no reason to fail a write that can go on.
    }
  }
}

function isDead(writer: {
  readonly machine: string;
  readonly pid: number;
  readonly mtimeMs: number;
}): boolean {
  const { machine, pid, mtimeMs } = writer;
  if (Date.now() - mtimeMs > DAY_MS) return true;
  if (machine !== thisMachine()) return false;
  // In a container each process may have the number of the one before it.
  if (pid === process.pid) return mtimeMs < Date.now() - process.uptime() * 1000;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    // Another user's process cannot be signalled, and lives.
    return (error as NodeJS.ErrnoException).code === "ESRCH";
  }
}

/** Process numbers mean something on one machine only, and folders may be shared. */
function thisMachine(): string {
  const { createHash } = nodeModule<typeof import("node:crypto")>("crypto");
  const { hostname } = nodeModule<typeof import("node:os")>("os");
  return createHash("sha256").update(hostname()).digest("hex").slice(0, 8);
}
