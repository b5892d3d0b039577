import type { Value } from "../../onnx/index.js";
import type { UpdateContext } from "./optimizer.js";

/**
 * Applies weight decay: decoupled, the parameter becomes `(1 - lr * wd) w`; coupled, the gradient becomes
 * `gradient + wd * w`. Neither changes where decay does not apply. The optimizer feeds the scalar "wd".
 *
 * Source: Loshchilov and Hutter, Decoupled Weight Decay Regularization (2019).
 */
export function decayed(
  { g, parameter, gradient, lr, decays, scalar }: UpdateContext,
  decouple: boolean,
): { parameter: Value; gradient: Value } {
  if (!decays) return { parameter, gradient };
  if (!decouple) return { parameter, gradient: g.add(gradient, g.mul(parameter, scalar("wd"))) };
  // The factor is worked out on scalars, so that decay costs one pass over the parameter.
  return { parameter: g.mul(parameter, g.sub(1, g.mul(lr, scalar("wd")))), gradient };
}
