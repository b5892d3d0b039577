import { resolve } from "node:path";
import { LrfindError, plainText } from "../../core/index.js";
import { type SweepDoor, sweepDoor } from "../doors/sweep.js";
import { EXIT } from "../failure.js";
import type { Host } from "../host.js";

/** The flags of `lrfind worker`. */
export interface WorkerFlags {
  readonly redis?: string;
  readonly queue?: string;
  readonly from?: string;
  readonly workers?: number;
  readonly threads?: number;
}

interface WorkerEvent {
  readonly kind: string;
  readonly hash?: string;
  readonly why?: string;
}

/** Does the jobs of a queue until it is stopped; gives the exit code. */
export async function runWorker(flags: WorkerFlags, host: Host, given?: SweepDoor): Promise<number> {
  if (flags.redis === undefined) {
    const hint = "--redis redis://localhost:6379";
    throw new LrfindError({ where: "worker", expected: "the address of a queue", hint });
  }
  const door = given ?? (await sweepDoor(host.cwd));
  const { redis, queue, from = ".", workers, threads } = flags;
  let said: string | undefined;
  const worker = await door.redisWorker({
    url: redis,
    from: resolve(host.cwd, from),
    ...(queue === undefined ? {} : { queue }),
    ...(workers === undefined ? {} : { workers }),
    ...(threads === undefined ? {} : { threads }),
    onEvent({ kind, hash, why }: WorkerEvent) {
      const line = `${kind} ${hash ?? plainText(why ?? "")}`;
      if (line !== said) host.err(`${line}\n`);
      said = line;
    },
  });
  host.err("waiting for jobs; Ctrl-C leaves once those that run are over, twice: at once\n");
  let stops = 0;
  const stop = host.onInterrupt(() => {
    stops++;
    host.err(stops === 1 ? "leaving: the jobs that run are done to their end\n" : "giving the jobs back\n");
    void worker.close({ force: stops > 1 });
  });
  try {
    await worker.closed;
    return stops > 0 ? EXIT.stopped : EXIT.found;
  } finally {
    stop();
  }
}
