import { numberAttribute } from "../attributes.js";
import type { ShapeRule } from "../shape-rule.js";
import { inputAt, shapeError } from "../shape-rule.js";

/** Types Y [T, D, N, H] and the last states [D, N, H] of a recurrent node whose cell has `gates` gates. */
function recurrent(gates: number, states: number): ShapeRule {
  return (context) => {
    const x = inputAt(context, 0);
    const w = inputAt(context, 1);
    const r = inputAt(context, 2);
    if (numberAttribute(context, "layout", 0) !== 0) throw shapeError(context, "the layout 0 (time first)");
    const [steps, batch, size] = x.shape;
    const hidden = r.shape[2];
    if (
      steps === undefined ||
      batch === undefined ||
      hidden === undefined ||
      x.shape.length !== 3 ||
      w.shape.length !== 3 ||
      r.shape.length !== 3 ||
      w.shape[1] !== gates * hidden ||
      w.shape[2] !== size ||
      r.shape[1] !== gates * hidden
    ) {
      throw shapeError(
        context,
        `inputs [time, batch, size], [directions, ${gates} hidden, size] and [directions, ${gates} hidden, hidden]`,
      );
    }
    const directions = context.attributes["direction"] === "bidirectional" ? 2 : 1;
    if (w.shape[0] !== directions || r.shape[0] !== directions) {
      throw shapeError(context, `weights of ${directions} direction(s)`);
    }
    const state = { dtype: x.dtype, shape: [directions, batch, hidden] };
    return [
      { dtype: x.dtype, shape: [steps, directions, batch, hidden] },
      ...Array.from({ length: states }, () => state),
    ];
  };
}

/** Shape rules of recurrent operators. */
export const recurrentShapes = {
  GRU: recurrent(3, 1),
  LSTM: recurrent(4, 2),
  RNN: recurrent(1, 1),
} satisfies Record<string, ShapeRule>;
