import { LrfindError } from "../../core/index.js";
import type { SweepDoor } from "../doors/sweep.js";

/** The flags that say what runs the jobs. */
export interface LauncherFlags {
  readonly workers?: number;
  readonly redis?: string;
  readonly queue?: string;
  readonly slurm?: boolean;
  readonly slurmArg?: readonly string[];
  readonly ray?: string;
}

/** Refuses flags that contradict one another, before anything else is done. */
export function checkLauncher({ workers, redis, queue, slurm, slurmArg, ray }: LauncherFlags): void {
  const asked = [
    ...(redis === undefined ? [] : ["--redis"]),
    ...(slurm ? ["--slurm"] : []),
    ...(ray === undefined ? [] : ["--ray"]),
  ];
  if (asked.length > 1) refuse(asked.join(" and "), "one of --redis, --slurm and --ray");
  if (queue !== undefined && redis === undefined) refuse("--queue", "--redis beside it");
  if (slurmArg !== undefined && !slurm) refuse("--slurm-arg", "--slurm beside it");
  if (workers !== undefined && redis !== undefined) {
    refuse("--workers", "no --redis beside it: each lrfind worker has a --workers of its own");
  }
}

function refuse(where: string, expected: string): never {
  throw new LrfindError({ where, expected });
}

/** What runs the jobs. */
export async function launcherOf(
  door: SweepDoor,
  flags: LauncherFlags & { readonly threads: number; readonly from: string },
): Promise<object> {
  const { threads, from, workers, redis, queue, slurm, slurmArg, ray } = flags;
  const given = { threads, ...(workers === undefined ? {} : { workers }) };
  if (redis !== undefined) {
    return await door.redisLauncher({ url: redis, from, ...(queue === undefined ? {} : { queue }) });
  }
  if (slurm)
    return await door.slurmLauncher({ ...given, ...(slurmArg === undefined ? {} : { args: slurmArg }) });
  if (ray !== undefined) return await door.rayLauncher({ ...given, url: ray });
  return door.localLauncher(given);
}
