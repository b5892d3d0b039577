import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { missing } from "../../../../test/support/requirements.js";
import { freePort } from "./redis-server.js";

/** Ray's program. */
export function rayProgram(): string | undefined {
  const places = (process.env["PATH"] ?? "").split(":");
  const found = places.map((place) => join(place, "ray")).find((path) => existsSync(path));
  return found ?? missing("Ray", "no program of that name; try: pip install 'ray[default]'");
}

/** A Ray of one node, a test's own. */
export class RayCluster implements AsyncDisposable {
  readonly url: string;
  readonly #program: string;

  private constructor(program: string, port: number) {
    this.#program = program;
    this.url = `http://127.0.0.1:${port}`;
  }

  static async start(program: string): Promise<RayCluster> {
    // Ports that are free, and none of those that Ray gives its workers.
    const ports: number[] = [];
    while (ports.length < 2) {
      const port = await freePort();
      if (port > 20_000) ports.push(port);
    }
    const cluster = new RayCluster(program, ports[0]!);
    cluster.#run(
      ...["start", "--head", "--num-cpus=2", "--object-store-memory=100000000", "--disable-usage-stats"],
      ...["--dashboard-host=127.0.0.1", `--dashboard-port=${ports[0]}`, `--port=${ports[1]}`],
    );
    return cluster;
  }

  #run(...args: string[]): void {
    const { status, stdout, stderr } = spawnSync(this.#program, args, { encoding: "utf8" });
    if (status !== 0) throw new Error(`ray ${args[0]}: exit code ${status}\n${stdout}${stderr}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#run("stop", "--force");
  }
}
