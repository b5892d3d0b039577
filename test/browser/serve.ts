import { readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const types: Readonly<Record<string, string>> = {
  js: "text/javascript",
  mjs: "text/javascript",
  html: "text/html",
  wasm: "application/wasm",
};

const ort = dirname(fileURLToPath(import.meta.resolve("onnxruntime-web/ort-wasm-simd-threaded.wasm")));
const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

/** Bundles the page from the sources and serves it on localhost with the files that it fetches. */
export async function servePage(): Promise<{ url: string } & AsyncDisposable> {
  const { outputFiles } = await build({
    entryPoints: [path("page.ts"), path("../../packages/engine/src/runtime/worker/session-worker.js")],
    entryNames: "[name]",
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "browser",
    outdir: "/",
    write: false,
    logLevel: "error",
  });
  const files = new Map<string, () => Uint8Array>([
    [
      "/",
      () => Buffer.from('<!doctype html><title>lrfind</title><script type="module" src="page.js"></script>'),
    ],
    ...readdirSync(ort)
      .filter((name) => /^ort-wasm-.*\.(wasm|mjs)$/.test(name))
      .map((name) => [`/ort/${name}`, () => readFileSync(join(ort, name))] as const),
    ["/images.gz", () => readFileSync(path("../../examples/data/t10k-images-idx3-ubyte.gz"))],
    ["/labels.gz", () => readFileSync(path("../../examples/data/t10k-labels-idx1-ubyte.gz"))],
    ...outputFiles.map((file) => [file.path, () => file.contents] as const),
  ]);
  const server = createServer(({ url = "/" }, response) => {
    const file = files.get(url);
    if (!file) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, {
      "content-type": types[url === "/" ? "html" : url.split(".").at(-1)!] ?? "application/octet-stream",
      // Cross-origin isolation, without which a page has no threads.
      "cross-origin-opener-policy": "same-origin",
      "cross-origin-embedder-policy": "require-corp",
    });
    response.end(file());
  });
  await new Promise<void>((resolve) => server.listen(0, "localhost", resolve));
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}/`,
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}
