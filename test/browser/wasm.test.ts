import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BrowserContext, chromium as driver, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { SessionOptions } from "../../packages/engine/src/runtime/index.js";
import { chromium } from "../support/requirements.js";
import { servePage } from "./serve.js";
import { train } from "./train.js";

const executablePath = chromium();
const steps = 20;

describe.skipIf(executablePath === undefined)("the Fashion-MNIST CNN in headless Chromium", () => {
  let native: number[];
  let folder: string;
  let browser: BrowserContext;
  let server: Awaited<ReturnType<typeof servePage>>;
  let page: Page;

  beforeAll(async () => {
    const [images, labels] = await Promise.all(
      ["images-idx3", "labels-idx1"].map((name) =>
        readFile(new URL(`../../examples/data/t10k-${name}-ubyte.gz`, import.meta.url)),
      ),
    );
    native = await train({ images: images!, labels: labels!, steps });
    server = await servePage();
    folder = await mkdtemp(join(tmpdir(), "lrfind-chromium-"));
    browser = await driver.launchPersistentContext(folder, {
      executablePath: executablePath!,
      headless: true,
      args: [
        ...["--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking"],
        ...["--disable-component-update", "--disable-sync"],
        // WebGPU without a graphics card: SwiftShader computes on the CPU.
        ...["--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader", "--enable-features=Vulkan"],
        ...["--use-vulkan=swiftshader", "--ignore-gpu-blocklist"],
      ],
    });
    page = await browser.newPage();
    await page.goto(server.url);
    await page.waitForFunction(() => "trainInPage" in globalThis);
  });

  afterAll(async () => {
    await browser?.close();
    await server?.[Symbol.asyncDispose]();
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  });

  /** Trains in the page, freshly loaded: WebAssembly's threads are fixed by a page's first session. */
  async function inPage(runtime: SessionOptions, count = steps): Promise<number[]> {
    await page.reload();
    await page.waitForFunction(() => "trainInPage" in globalThis);
    return page.evaluate(
      ([wanted, options]) =>
        (globalThis as unknown as { trainInPage: (...args: unknown[]) => Promise<number[]> }).trainInPage(
          wanted,
          options,
        ),
      [count, runtime] as const,
    );
  }

  test("learns", () => {
    expect(native).toHaveLength(steps);
    expect(native.at(-1)).toBeLessThan(0.7 * native[0]!);
  });

  // WebAssembly's kernels add in another order than the native ones; twenty steps let that grow to 1e-4 at most.
  test.each<SessionOptions>([{ threads: 1 }, { threads: 2 }, { threads: 1, worker: true }])(
    "has the same losses as natively: %o",
    async (runtime) => {
      const losses = await inPage(runtime);
      expect(losses).toHaveLength(steps);
      losses.forEach((loss, i) => {
        expect(Math.abs(loss - native[i]!), `step ${i}: ${loss}, natively ${native[i]}`).toBeLessThan(1e-4);
      });
    },
    120_000,
  );

  /** What a page sees of a search in its own thread. */
  async function searchInPage(numIt: number, abortAfterMs?: number) {
    await page.reload();
    await page.waitForFunction(() => "searchInPage" in globalThis);
    return page.evaluate(
      ([steps, ms]) =>
        (
          globalThis as unknown as {
            searchInPage(
              ...args: unknown[]
            ): Promise<{ frames: number; timers: number; steps: number; stop: string }>;
          }
        ).searchInPage(steps, ms),
      [numIt, abortAfterMs] as const,
    );
  }

  test("draws frames and runs timers while it searches in its own thread", async () => {
    const { frames, timers, steps, stop } = await searchInPage(60);
    expect({ steps, stop }).toEqual({ steps: 60, stop: "completed" });
    expect(frames).toBeGreaterThan(5);
    expect(timers).toBeGreaterThan(5);
  }, 120_000);

  test("ends a search by a timer", async () => {
    const { steps, stop } = await searchInPage(5000, 100);
    expect(stop).toBe("aborted");
    expect(steps).toBeLessThan(5000);
  }, 120_000);

  test("has the same losses on WebGPU, where there is an adapter", async ({ skip }) => {
    const hasAdapter = await page.evaluate(async () => {
      const { gpu } = navigator as unknown as { gpu?: { requestAdapter(): Promise<unknown> } };
      return ((await gpu?.requestAdapter()) ?? null) !== null;
    });
    skip(!hasAdapter, "this Chromium offers no WebGPU adapter");
    const losses = await inPage({ provider: "webgpu" }, 3);
    losses.forEach((loss, i) => {
      expect(Math.abs(loss - native[i]!), `step ${i}: ${loss}, natively ${native[i]}`).toBeLessThan(1e-3);
    });
  }, 120_000);
});
