/** IDX's code and the big-endian writer of each element type, written out independently of the reader. */
const writers = {
  uint8: { code: 8, bytes: 1, write: (view: DataView, at: number, v: number) => view.setUint8(at, v) },
  int8: { code: 9, bytes: 1, write: (view: DataView, at: number, v: number) => view.setInt8(at, v) },
  int16: { code: 11, bytes: 2, write: (view: DataView, at: number, v: number) => view.setInt16(at, v) },
  int32: { code: 12, bytes: 4, write: (view: DataView, at: number, v: number) => view.setInt32(at, v) },
  float32: { code: 13, bytes: 4, write: (view: DataView, at: number, v: number) => view.setFloat32(at, v) },
  float64: { code: 14, bytes: 8, write: (view: DataView, at: number, v: number) => view.setFloat64(at, v) },
};

/** The bytes of an IDX file. */
export function idxFile(
  dtype: keyof typeof writers,
  shape: readonly number[],
  values: ArrayLike<number>,
): Uint8Array {
  const { code, bytes, write } = writers[dtype];
  const start = 4 + 4 * shape.length;
  const file = new Uint8Array(start + bytes * values.length);
  const view = new DataView(file.buffer);
  file.set([0, 0, code, shape.length]);
  for (const [i, size] of shape.entries()) view.setUint32(4 + 4 * i, size);
  for (let i = 0; i < values.length; i++) write(view, start + bytes * i, values[i]!);
  return file;
}
