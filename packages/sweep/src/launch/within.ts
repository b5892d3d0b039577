import { setTimeout as sleep } from "node:timers/promises";

/** What a promise gives, or undefined once so many milliseconds are over; the promise can be waited for again. */
export async function within<Value>(promise: Promise<Value>, ms: number): Promise<Value | undefined> {
  if (ms === Number.POSITIVE_INFINITY) return await promise;
  const controller = new AbortController();
  const late = sleep(Math.max(0, ms), undefined, { signal: controller.signal }).catch(() => undefined);
  try {
    return await Promise.race([promise, late]);
  } finally {
    controller.abort();
  }
}
