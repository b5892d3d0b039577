import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Tensor } from "../../../../engine/src/onnx/index.js";
import { tensor } from "../../../../engine/src/onnx/index.js";

const SCRIPT = fileURLToPath(new URL("../../../../engine/test/fixtures/models/export.py", import.meta.url));

/** Folder with the exported models and what PyTorch makes of them; made once for each version of the script. */
export function torchModels(python: string, name: string): string {
  const version = createHash("sha256").update(readFileSync(SCRIPT)).digest("hex").slice(0, 12);
  const folder = join(tmpdir(), `lrfind-models-${version}`);
  if (!existsSync(join(folder, `${name}.done`))) {
    mkdirSync(folder, { recursive: true });
    // Into a folder of its own first: two test files may make the same model at once.
    const own = join(folder, `${name}-${process.pid}`);
    execFileSync(python, [SCRIPT, own, name], { stdio: ["ignore", "ignore", "inherit"] });
    for (const suffix of ["onnx", "eval.onnx", "static.onnx", "safetensors"]) {
      renameSync(join(own, `${name}.${suffix}`), join(folder, `${name}.${suffix}`));
    }
    renameSync(own, join(folder, `${name}.done`));
  }
  return folder;
}

/** Reads a file of named tensors (safetensors layout). */
export function readTensors(path: string): Map<string, Tensor> {
  const bytes = readFileSync(path);
  const headerLength = Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.toString("utf8", 8, 8 + headerLength)) as Record<
    string,
    { dtype: "F32" | "I64"; shape: number[]; data_offsets: [number, number] }
  >;
  const tensors = new Map<string, Tensor>();
  for (const [name, { dtype, shape, data_offsets }] of Object.entries(header)) {
    const [from, to] = data_offsets.map((offset) => offset + 8 + headerLength) as [number, number];
    const { buffer } = Uint8Array.from(bytes.subarray(from, to));
    tensors.set(
      name,
      dtype === "F32"
        ? tensor("float32", shape, new Float32Array(buffer))
        : tensor("int64", shape, new BigInt64Array(buffer)),
    );
  }
  return tensors;
}
