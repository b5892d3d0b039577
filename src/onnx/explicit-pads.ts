import type { Attributes, Value } from "./graph.js";
import { windowGeometry } from "./shapes/window.js";

/**
 * Attributes of a max pool that say by padding what `ceil_mode` says: that a last window may reach beyond the input.
 *
 * ONNX's rule and ONNX Runtime 1.30 do not agree on how many windows there are where the one more would start beyond the
 * input: the kernel leaves it out, as PyTorch does, the inference of shapes and the kernel that yields indices count it.
 * Padding of a max pool is never the maximum, so the values are the same.
 */
export function withExplicitPads(
  name: string,
  attributes: Attributes,
  inputs: readonly (Value | null)[],
): Attributes {
  const [x] = inputs;
  const kernel = attributes["kernel_shape"] as readonly number[] | undefined;
  const { ceil_mode: ceilMode, auto_pad: autoPad = "NOTSET", ...rest } = attributes;
  if (ceilMode !== 1 || autoPad !== "NOTSET" || !x || !kernel || x.shape.length !== kernel.length + 2) {
    return attributes;
  }
  const spatial = x.shape.slice(2);
  const context = { opType: "MaxPool", name, inputs, attributes, outputCount: 1 };
  const { strides, dilations, padsBegin, output } = windowGeometry(context, spatial, kernel);
  const padsEnd = output.map((count, i) => {
    const reach = (count - 1) * strides[i]! + dilations[i]! * (kernel[i]! - 1) + 1;
    return Math.max(0, reach - padsBegin[i]! - spatial[i]!);
  });
  // ONNX Runtime refuses padding of a kernel's size, which a dilated one may reach.
  return padsEnd.some((pad, i) => pad >= kernel[i]!)
    ? attributes
    : { ...rest, pads: [...padsBegin, ...padsEnd] };
}
