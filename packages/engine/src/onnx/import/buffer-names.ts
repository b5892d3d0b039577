import type { FileNode } from "../file/model-file.js";
import type { Tensor } from "../graph/tensor.js";
import { operatorsWith } from "../ops/traits.js";

/** Last words of names that PyTorch's `register_buffer` is given for numbers that are measured or chosen, not learnt. */
const BUFFER_WORDS =
  /(^|[._/])(mean|std|var|variance|stdev|stddev|temperature|eps|epsilon|inv_freq|position_ids|num_batches_tracked|anchors?)(:0)?$/i;
const PARAMETER_WORDS = /(weight|bias|gamma|beta|slope|alpha|scale|embed\w*)(:0)?$/i;

/** Operators by which inputs are brought to their mean and deviation. */
const scalings = operatorsWith("arithmetic");
/** Operators that leave an input's numbers as they are. */
const carriers = operatorsWith("rearranges");

/** Whether a tensor is called as numbers are that nobody learns: "mean", "image_std", "running_var", "temperature". */
export function isNamedLikeBuffer(name: string): boolean {
  return BUFFER_WORDS.test(name);
}

/**
 * Names of the tensors that normalise a model's inputs before any layer sees them, such as `(x - mean) / std`: a
 * difference or a quotient of an input comes first.
 *
 * @param inputs - Names of the model's inputs.
 */
export function inputNormalization(
  nodes: readonly FileNode[],
  inputs: ReadonlySet<string>,
  initializers: ReadonlyMap<string, Tensor>,
): ReadonlySet<string> {
  const raw = new Set(inputs);
  const normalized = new Set<string>();
  const found = new Set<string>();
  for (const node of nodes) {
    const [a = "", b = ""] = node.inputs;
    const [output] = node.outputs;
    if (node.domain !== "" || output === undefined) continue;
    if (carriers.has(node.opType)) {
      if (raw.has(a)) raw.add(output);
      if (normalized.has(a)) normalized.add(output);
      continue;
    }
    if (!scalings.has(node.opType)) continue;
    const [data, name] = initializers.has(b) ? [a, b] : [b, a];
    const contents = initializers.get(name);
    const isVector = contents !== undefined && contents.shape.filter((dim) => dim !== 1).length <= 1;
    if (!isVector || PARAMETER_WORDS.test(name)) continue;
    const begins = raw.has(data) && name === b && (node.opType === "Sub" || node.opType === "Div");
    if (!begins && !normalized.has(data)) continue;
    found.add(name);
    normalized.add(output);
  }
  return found;
}
