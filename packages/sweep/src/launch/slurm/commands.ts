import { execFile } from "node:child_process";
import { plainText } from "lrfind/core";
import { SweepError } from "../../job/index.js";

/** Runs one of Slurm's commands and gives what it printed. @throws {SlurmFailure} when it fails. */
export async function slurm(program: string, args: readonly string[]): Promise<string> {
  return await new Promise((resolve, reject) => {
    execFile(program, args, { maxBuffer: 1 << 28, encoding: "utf8" }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else if ((error as NodeJS.ErrnoException).code === "ENOENT") reject(noSlurm(program));
      else reject(new SlurmFailure(program, plainText((stderr || error.message).trim())));
    });
  });
}

function noSlurm(program: string): SweepError {
  return new SweepError({
    where: "slurm",
    expected: `the command ${program}`,
    got: "none",
    hint: "the login node of a cluster, or no --slurm",
  });
}

/** What one of the commands complained of. */
export class SlurmFailure extends Error {
  override readonly name = "SlurmFailure";

  constructor(program: string, message: string) {
    super(`${program}: ${message.replaceAll("\n", "; ")}`);
  }

  /** Whether it may succeed at another time: a limit on queued jobs, or a controller that is busy. */
  get isTemporary(): boolean {
    return /limit|temporarily|timed? ?out|Unable to contact|Connection refused|Socket/i.test(this.message);
  }
}

/** A task of a job array, as `squeue` or `sacct` tells of it. */
export interface Task {
  readonly state: string;
  /** Why it waits. */
  readonly reason: string;
  /** Its exit code, and the signal that ended it. */
  readonly code: number;
  readonly signal: number;
}

/** The tasks of arrays that the controller knows of, by `ARRAY_INDEX`. */
export async function tasksOf(name: string): Promise<Map<string, Task>> {
  const columns = "ArrayJobID:24,ArrayTaskID:24,State:24,exit_code:24,Reason:64";
  const text = await slurm("squeue", ["-h", "-r", "-t", "all", "--name", name, "-O", columns]);
  const tasks = new Map<string, Task>();
  for (const line of text.split("\n")) {
    const [array, index, state, code = "0", reason = "None"] = line.trim().split(/\s+/);
    if (state !== undefined) tasks.set(`${array}_${index}`, { state, reason, ...codes(Number(code)) });
  }
  return tasks;
}

/** What the accounting says of a task that the controller has forgotten; undefined where there is no accounting. */
export async function accountOf(task: string): Promise<Task | undefined> {
  try {
    const text = await slurm("sacct", ["-n", "-X", "-P", "-j", task, "-o", "State,ExitCode"]);
    const [state, exit = "0:0"] = text.trim().split("\n").at(-1)!.split("|");
    if (!state) return undefined;
    const [code, signal] = exit.split(":").map(Number);
    return { state: state.split(" ")[0]!, reason: "None", code: code ?? 0, signal: signal ?? 0 };
  } catch {
    return undefined;
  }
}

/** A wait status, as `wait` gives it. */
function codes(status: number): { readonly code: number; readonly signal: number } {
  return { code: (status >> 8) & 0xff, signal: status & 0x7f };
}

/** How many tasks an array may have. */
export async function maxArraySize(): Promise<number> {
  const text = await slurm("scontrol", ["show", "config"]);
  return Number(/^MaxArraySize\s*=\s*(\d+)/m.exec(text)?.[1] ?? 1001);
}
