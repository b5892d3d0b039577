import { intsAttribute, numberAttribute } from "../attributes.js";
import type { GradientContext, GradientRule } from "../gradient-rule.js";
import type { WindowGeometry } from "../window/shape.js";
import { convWeightGradient } from "./weights.js";

/**
 * Gradient of a transposed convolution. It is the gradient of a convolution by its input; so its own gradient is
 * that convolution of `dy`, and the weights' is that convolution's, with input and output in each other's place.
 */
export const convTransposeGradient: GradientRule = (context) => {
  const { g, node, dy, needs, input } = context;
  const x = input(0);
  const w = input(1);
  const group = numberAttribute(node, "group", 1);
  const window = convolutionWindow(context);
  const allButChannels = dy.shape.flatMap((_, i) => (i === 1 ? [] : [i]));
  return [
    needs(0)
      ? g.op("Conv", [dy, w], {
          dilations: window.dilations,
          group,
          kernel_shape: window.kernel,
          pads: [...window.padsBegin, ...window.padsEnd],
          strides: window.strides,
        })
      : null,
    needs(1) ? convWeightGradient(g, dy, x, { weightShape: w.shape, window, group }) : null,
    needs(2) ? g.reduceSum(dy, allButChannels) : null,
  ];
};

/** The window of the convolution from this node's output to its input. */
function convolutionWindow({ node, input, output }: GradientContext): WindowGeometry {
  const kernel = input(1).shape.slice(2);
  const strides = intsAttribute(node, "strides") ?? kernel.map(() => 1);
  const dilations = intsAttribute(node, "dilations") ?? kernel.map(() => 1);
  const pads = intsAttribute(node, "pads") ?? new Array<number>(2 * kernel.length).fill(0);
  const outputPadding = intsAttribute(node, "output_padding") ?? kernel.map(() => 0);
  const autoPad = node.attributes["auto_pad"] ?? "NOTSET";
  const given = autoPad === "NOTSET" && !intsAttribute(node, "output_shape");
  const padsBegin: number[] = [];
  const padsEnd: number[] = [];
  kernel.forEach((k, i) => {
    const full = strides[i]! * (input(0).shape[i + 2]! - 1) + outputPadding[i]! + dilations[i]! * (k - 1) + 1;
    // ONNX derives the padding from the output's size where that is given or follows from auto_pad.
    const total = Math.max(0, full - output(0).shape[i + 2]!);
    const small = Math.floor(total / 2);
    padsBegin.push(given ? pads[i]! : autoPad === "SAME_UPPER" ? small : total - small);
    padsEnd.push(given ? pads[kernel.length + i]! : total - padsBegin[i]!);
  });
  return { kernel, strides, dilations, padsBegin, padsEnd, output: input(0).shape.slice(2) };
}
