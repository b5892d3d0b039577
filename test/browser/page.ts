import { configureRuntime, type SessionOptions } from "../../src/runtime/index.js";
import { train } from "./train.js";

configureRuntime({ wasmPaths: "/ort/" });

async function bytesOf(path: string): Promise<Uint8Array> {
  return new Uint8Array(await (await fetch(path)).arrayBuffer());
}

/** What the test calls in the page. */
async function trainInPage(steps: number, runtime: SessionOptions): Promise<number[]> {
  const [images, labels] = await Promise.all([bytesOf("/images.gz"), bytesOf("/labels.gz")]);
  return train({ images: images!, labels: labels!, steps, runtime });
}

Object.assign(globalThis, { trainInPage });
