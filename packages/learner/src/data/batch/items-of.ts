import { sizeOf, type Tensor } from "@lrfind/engine";

/** A batch's items, without the batch dimension. */
export function itemsOf({ dtype, shape, data }: Tensor): Tensor[] {
  const [n, ...rest] = shape as [number, ...number[]];
  const size = sizeOf(rest);
  return Array.from({ length: n }, (_, i) => ({
    dtype,
    shape: rest,
    data: data.slice(i * size, (i + 1) * size),
  }));
}
