import { type RedisWorkerOptions, redisWorker } from "../../src/index.js";

/** The process of a worker: what it is told stands in its argument. */
const worker = await redisWorker(JSON.parse(process.argv[2]!) as RedisWorkerOptions);
await worker.closed;
