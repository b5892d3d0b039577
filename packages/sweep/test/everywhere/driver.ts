import { redisLauncher, runSweep, type SweepSpec } from "../../src/index.js";

/** The process of a driver: what it is told stands in its argument. */
const { spec, folder, url, queue } = JSON.parse(process.argv[2]!) as {
  readonly spec: SweepSpec;
  readonly folder: string;
  readonly url: string;
  readonly queue: string;
};
try {
  const { stop } = await runSweep(spec, { folder, launcher: await redisLauncher({ url, queue }) });
  process.exit(stop === "completed" ? 0 : 1);
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exit(2);
}
