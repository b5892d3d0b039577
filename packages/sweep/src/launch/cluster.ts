import { arrayOf, type Checks, integer, string } from "lrfind/core";

/** How jobs are handed to a cluster. */
export interface ClusterOptions {
  /** Threads of each job: the cores that are asked for. @default 1 */
  readonly threads?: number;
  /** How often a job whose process was killed, whose node failed or that was cancelled is begun again. @default 3 */
  readonly retries?: number;
  /** The program that does a job, and its first arguments. @default this Node, and the package's `lrfind-job` */
  readonly command?: readonly string[];
}

/** The checks of what clusters have in common; how often they are asked, in milliseconds, and most jobs at a time, among it. */
export const CLUSTER_CHECKS = {
  workers: integer({ min: 1 }),
  threads: integer({ min: 1, max: 1024 }),
  pollMs: integer({ min: 100 }),
  retries: integer({ min: 0 }),
  command: arrayOf(string),
} satisfies Checks<ClusterOptions & { readonly workers?: number; readonly pollMs?: number }>;

/** Files of another machine may be seen late. */
export const LATE_MS = 15_000;
