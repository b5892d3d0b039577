export type { ClusterOptions } from "./cluster.js";
export type { LaunchEvent, Launcher, QueuedJob } from "./launcher.js";
export { type LocalOptions, localLauncher } from "./local/local-launcher.js";
export { type RayOptions, rayLauncher } from "./ray/ray-launcher.js";
export { type RedisOptions, redisLauncher } from "./redis/redis-launcher.js";
export {
  type RedisWorker,
  type RedisWorkerEvent,
  type RedisWorkerOptions,
  redisWorker,
} from "./redis/redis-worker.js";
export { type SlurmOptions, slurmLauncher } from "./slurm/slurm-launcher.js";
