import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";

/** A Redis server of a test's own, which keeps nothing on the disk. */
export class RedisServer implements AsyncDisposable {
  readonly port: number;
  readonly url: string;
  #process: ChildProcess | undefined;

  private constructor(port: number) {
    this.port = port;
    this.url = `redis://127.0.0.1:${port}`;
  }

  static async start(...flags: string[]): Promise<RedisServer> {
    const server = new RedisServer(await freePort());
    await server.begin(...flags);
    return server;
  }

  async begin(...flags: string[]): Promise<void> {
    const folder = mkdtempSync(join(tmpdir(), "redis-"));
    const args = ["--port", String(this.port), "--dir", folder, "--save", "", "--appendonly", "no", ...flags];
    this.#process = spawn("redis-server", args, { stdio: "ignore" });
    const client = this.client();
    await client.ping();
    client.disconnect();
  }

  /** A client that waits until the server answers. */
  client(): Redis {
    const client = new Redis(this.url, { maxRetriesPerRequest: null, retryStrategy: () => 20 });
    client.on("error", () => {});
    return client;
  }

  async end(signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
    const ended = this.#process;
    if (ended === undefined) return;
    this.#process = undefined;
    const closed = once(ended, "close");
    ended.kill(signal);
    await closed;
  }

  async restart(): Promise<void> {
    await this.end();
    await this.begin();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end();
  }
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { readonly port: number };
  server.close();
  await once(server, "close");
  return port;
}
