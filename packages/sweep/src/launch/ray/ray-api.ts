import { plainText } from "lrfind/core";
import { SweepError } from "../../job/index.js";

/** A job as the cluster tells of it; its fields are named by Ray. */
export interface RayJob {
  readonly submission_id: string | null;
  readonly status: "PENDING" | "RUNNING" | "STOPPED" | "SUCCEEDED" | "FAILED";
  readonly message: string | null;
  /** Negative: the signal that ended it. */
  readonly driver_exit_code: number | null;
}

/** The part of Ray's jobs API that a sweep needs. */
export class RayApi {
  /** The address, for people. */
  readonly where: string;
  readonly #url: string;

  /** @throws {SweepError} where the address is none. */
  constructor(url: string) {
    const parsed = URL.canParse(url) ? new URL(url) : undefined;
    if (parsed === undefined || !["http:", "https:"].includes(parsed.protocol)) {
      throw new SweepError({
        where: "ray",
        expected: "the address of a dashboard, such as http://127.0.0.1:8265",
        got: plainText(url),
      });
    }
    this.#url = parsed.href.replace(/\/$/, "");
    this.where = parsed.origin;
  }

  /** @throws {SweepError} where no cluster answers. */
  async version(): Promise<string> {
    const { ray_version: version } = (await this.#ask("/api/version")) as { readonly ray_version?: unknown };
    if (typeof version === "string") return version;
    throw this.#failure("something else");
  }

  /** All cores of the cluster. */
  async cores(): Promise<number> {
    const answer = (await this.#ask("/api/v0/nodes?detail=1")) as {
      readonly data?: {
        readonly result?: {
          readonly result?: readonly { readonly resources_total?: { readonly CPU?: number } }[];
        };
      };
    };
    const nodes = answer.data?.result?.result ?? [];
    return nodes.reduce((sum, { resources_total: total }) => sum + (total?.CPU ?? 0), 0);
  }

  async submit(job: {
    readonly id: string;
    readonly entrypoint: string;
    readonly cores: number;
  }): Promise<void> {
    const { id, entrypoint, cores } = job;
    await this.#ask("/api/jobs/", { entrypoint, submission_id: id, entrypoint_num_cpus: cores });
  }

  async list(): Promise<readonly RayJob[]> {
    return (await this.#ask("/api/jobs/")) as readonly RayJob[];
  }

  /** A job; undefined where the cluster does not know it. */
  async job(id: string): Promise<RayJob | undefined> {
    return (await this.#ask(`/api/jobs/${id}`, undefined, true)) as RayJob | undefined;
  }

  async logs(id: string): Promise<string> {
    try {
      return ((await this.#ask(`/api/jobs/${id}/logs`)) as { readonly logs?: string }).logs ?? "";
    } catch {
      return "";
    }
  }

  async stop(id: string): Promise<void> {
    await this.#ask(`/api/jobs/${id}/stop`, {});
  }

  async #ask(path: string, body?: object, mayBeMissing = false): Promise<unknown> {
    let answer: { readonly status: number; readonly text: string };
    try {
      answer = await asked(this.#url + path, body);
    } catch (cause) {
      throw this.#failure((cause as Error).message || (cause as NodeJS.ErrnoException).code || "none", cause);
    }
    const { status, text } = answer;
    if (status === 404 && mayBeMissing) return undefined;
    if (status !== 200) throw this.#failure(`${status}: ${text.trim().split("\n").at(-1)}`);
    try {
      return JSON.parse(text);
    } catch (cause) {
      throw this.#failure("something else", cause);
    }
  }

  #failure(got: string, cause?: unknown): SweepError {
    return new SweepError(
      {
        where: this.where,
        expected: "a Ray cluster that answers",
        got: plainText(got).slice(0, 300),
        hint: "ray start --head, or another --ray URL",
      },
      { cause },
    );
  }
}

/** By Node's own client: `fetch` says that it is a browser, and browsers may not submit jobs. */
async function asked(
  url: string,
  body: object | undefined,
): Promise<{ readonly status: number; readonly text: string }> {
  const { request } = url.startsWith("https:") ? await import("node:https") : await import("node:http");
  return await new Promise((resolve, reject) => {
    const method = body === undefined ? "GET" : "POST";
    const options = { method, headers: { "content-type": "application/json" }, timeout: 30_000 };
    const sent = request(url, options, (response) => {
      const parts: Buffer[] = [];
      response.on("data", (part: Buffer) => parts.push(part));
      response.on("error", reject);
      response.on("end", () =>
        resolve({ status: response.statusCode ?? 0, text: Buffer.concat(parts).toString() }),
      );
    });
    sent.on("timeout", () => sent.destroy(new Error("no answer for 30 seconds")));
    sent.on("error", reject);
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  });
}
