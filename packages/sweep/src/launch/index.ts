export type { LaunchEvent, Launcher, QueuedJob } from "./launcher.js";
export { type LocalOptions, localLauncher } from "./local.js";
