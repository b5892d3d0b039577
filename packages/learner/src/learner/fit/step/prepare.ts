import type { Model } from "@lrfind/engine";

/**
 * Has a model make itself ready for inputs, which may take as long as many steps, unless the signal is aborted before or
 * meanwhile.
 *
 * @throws The signal's reason; and what the model throws.
 */
export async function prepareModel(
  model: Model,
  inputs: Parameters<NonNullable<Model["prepare"]>>[0],
  signal: AbortSignal | undefined,
): Promise<void> {
  signal?.throwIfAborted();
  await model.prepare?.(inputs);
  signal?.throwIfAborted();
}
