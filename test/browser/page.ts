import { configureRuntime, type SessionOptions } from "../../packages/engine/src/runtime/index.js";
import { search, train } from "./train.js";

configureRuntime({ wasmPaths: "/ort/" });

async function bytesOf(path: string): Promise<Uint8Array> {
  return new Uint8Array(await (await fetch(path)).arrayBuffer());
}

/** What the test calls in the page. */
async function trainInPage(steps: number, runtime: SessionOptions): Promise<number[]> {
  const [images, labels] = await Promise.all([bytesOf("/images.gz"), bytesOf("/labels.gz")]);
  return train({ images: images!, labels: labels!, steps, runtime });
}

/** Searches a rate in the page's own thread, and counts the frames drawn and the timers run meanwhile. */
async function searchInPage(numIt: number, abortAfterMs?: number) {
  const [images, labels] = await Promise.all([bytesOf("/images.gz"), bytesOf("/labels.gz")]);
  const seen = { frames: 0, timers: 0 };
  let running = false;
  const frame = () => {
    if (!running) return;
    seen.frames++;
    requestAnimationFrame(frame);
  };
  const controller = new AbortController();
  const onPoint = () => {
    if (running) return;
    running = true;
    requestAnimationFrame(frame);
    setInterval(() => running && seen.timers++, 20);
    if (abortAfterMs !== undefined) setTimeout(() => controller.abort(), abortAfterMs);
  };
  const { curve } = await search({
    images: images!,
    labels: labels!,
    numIt,
    onPoint,
    signal: controller.signal,
  });
  running = false;
  return { ...seen, steps: curve.lr.length, stop: curve.stop };
}

Object.assign(globalThis, { trainInPage, searchInPage });
