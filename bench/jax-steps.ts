import { defaultDevice, init, jit, lax, nn, numpy as np, valueAndGrad } from "@jax-js/jax";
import { initialTensors } from "@lrfind/learner";
import type { Case } from "./cases.js";

type Parameters = np.Array[];

/** One training step of the MLP or the CNN in jax-js on WebAssembly, compiled by `jit`. */
export async function jaxStep(bench: Case): Promise<() => Promise<number>> {
  await init("wasm");
  defaultDevice("wasm");
  const [input, target] = bench.batch();
  const toArray = (data: Float32Array | Int32Array, shape: readonly number[]) =>
    np.array(data as Float32Array<ArrayBuffer>).reshape([...shape]);
  const x = toArray(input!.data as Float32Array, input!.shape);
  const labels = nn.oneHot(np.array(target!.data as Int32Array<ArrayBuffer>, { dtype: np.int32 }), 10);
  const predict = bench.name === "mlp" ? mlp : cnn;
  const loss = (parameters: Parameters, images: np.Array, hot: np.Array) =>
    nn
      .logSoftmax(predict(parameters, images))
      .mul(hot)
      .sum()
      .mul(-1 / 64);
  const step = jit((parameters: Parameters, velocities: Parameters, images: np.Array, hot: np.Array) => {
    const [value, gradients] = valueAndGrad(loss)(
      parameters.map((p) => p.ref),
      images,
      hot,
    );
    const next = gradients.map((gradient, i) => velocities[i]!.mul(0.9).add(gradient));
    const moved = parameters.map((p, i) => p.sub(next[i]!.ref.mul(0.001)));
    return [value, moved, next] as [np.Array, Parameters, Parameters];
  });
  const initial = [...initialTensors(bench.model()).parameters.values()];
  let parameters = initial.map(({ data, shape }) => toArray(data, shape));
  let velocities = initial.map(({ shape }) => np.zeros([...shape]));
  return async () => {
    const [value, moved, next] = step(parameters, velocities, x.ref, labels.ref);
    parameters = moved;
    velocities = next;
    for (const array of [...moved, ...next]) await array.ref.data();
    return (await value.data())[0]!;
  };
}

function dense(x: np.Array, weight: np.Array, bias: np.Array): np.Array {
  return np.dot(x, np.transpose(weight)).add(bias);
}

function mlp([w0, b0, w1, b1, w2, b2]: Parameters, x: np.Array): np.Array {
  const hidden = nn.relu(dense(nn.relu(dense(x, w0!, b0!)), w1!, b1!));
  return dense(hidden, w2!, b2!);
}

function cnn([w0, b0, w1, b1, w2, b2]: Parameters, x: np.Array): np.Array {
  const first = pool(nn.relu(conv(x, w0!, b0!)));
  const second = pool(nn.relu(conv(first, w1!, b1!)));
  return dense(second.reshape([64, 32 * 7 * 7]), w2!, b2!);
}

function conv(x: np.Array, weight: np.Array, bias: np.Array): np.Array {
  const y = lax.conv(x, weight, [1, 1], "SAME");
  return y.add(bias.reshape([1, -1, 1, 1]));
}

function pool(x: np.Array): np.Array {
  const [n, c, h, w] = x.shape as [number, number, number, number];
  return np.max(x.reshape([n, c, h / 2, 2, w / 2, 2]), [3, 5]);
}
