/**
 * Compares the classes of two datasets, of which one is trained on and the other judged by: an index must have the
 * same name in both. Fewer classes to be judged are none the worse, if they are the first ones.
 *
 * @param train - The names of the classes trained on, by index.
 * @param other - Those of the other dataset.
 * @returns What is wrong, in words that go on after "expected … the classes of the training data"; undefined if nothing
 *   is, or one has no names, so that its indices are taken as they are.
 */
export function classConflict(
  train: readonly string[] | undefined,
  other: readonly string[] | undefined,
): { readonly expected: string; readonly got: string; readonly hint: string } | undefined {
  if (train === undefined || other === undefined) return undefined;
  const at = other.findIndex((name, i) => name !== train[i]);
  if (at < 0) return undefined;
  const isOrder = other.every((name) => train.includes(name));
  return {
    expected: `the classes of the training data in their order (class ${at} is ${JSON.stringify(train[at])})`,
    got: `${isOrder ? "another order" : "other classes"} (class ${at} is ${JSON.stringify(other[at])})`,
    hint: "one list of classes for both, or one dataset that is split",
  };
}
