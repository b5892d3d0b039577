import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { torchPython } from "../test/support/requirements.js";

/** PyTorch in a process of its own that runs steps when it is told to. */
export interface TorchSteps extends Disposable {
  readonly version: string;
  /** What multiplies its matrices. */
  readonly blas: string;
  /** Milliseconds per step, over `steps` of them. */
  run(request: { case: string; threads: number; steps: number }): Promise<number>;
}

/** Our environment without what forces a kernel on OpenBLAS: it picks a faster one for this processor by itself. */
export function torchEnvironment(): NodeJS.ProcessEnv {
  const { OPENBLAS_CORETYPE: _kernel, OPENBLAS_L2_SIZE: _cache, ...rest } = process.env;
  return rest;
}

/** Starts PyTorch; undefined where it is missing. */
export async function startTorch(): Promise<TorchSteps | undefined> {
  const python = torchPython();
  if (python === undefined) return undefined;
  const child = spawn(python, [fileURLToPath(new URL("torch_steps.py", import.meta.url))], {
    stdio: ["pipe", "pipe", "inherit"],
    env: torchEnvironment(),
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const answer = async () => {
    const { value, done } = await lines.next();
    if (done) throw new Error("PyTorch's process has ended; its error is above");
    return JSON.parse(value) as { version: string; blas: string; ms: number };
  };
  const { version, blas } = await answer();
  return {
    version,
    blas,
    async run(request) {
      child.stdin.write(`${JSON.stringify(request)}\n`);
      return (await answer()).ms;
    },
    [Symbol.dispose]: () => child.stdin.end(),
  };
}
