import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import * as tf from "@tensorflow/tfjs";
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import type { Case } from "./cases.js";

/** One training step of the MLP or the CNN in TensorFlow.js, on its backend "cpu" or "wasm". */
export async function tfjsStep(bench: Case, backend: "cpu" | "wasm"): Promise<() => Promise<number>> {
  tf.enableProdMode();
  const wasm = fileURLToPath(import.meta.resolve("@tensorflow/tfjs-backend-wasm"));
  setWasmPaths(join(dirname(wasm), "/"));
  if (!(await tf.setBackend(backend))) throw new Error(`TensorFlow.js has no backend ${backend} here`);
  await tf.ready();
  const [input, target] = bench.batch();
  const labels = tf.oneHot(tf.tensor1d(target!.data as Int32Array, "int32"), 10);
  const model = bench.name === "mlp" ? mlp() : cnn();
  // TensorFlow.js keeps channels last.
  const x =
    bench.name === "mlp"
      ? tf.tensor(input!.data as Float32Array, [...input!.shape])
      : tf.tensor(input!.data as Float32Array, [64, 28, 28, 1]);
  const optimizer = tf.train.momentum(0.001, 0.9);
  return async () => {
    const loss = optimizer.minimize(
      () => tf.losses.softmaxCrossEntropy(labels, model.apply(x, { training: true }) as tf.Tensor),
      true,
    )!;
    const value = (await loss.data())[0]!;
    loss.dispose();
    return value;
  };
}

function mlp(): tf.LayersModel {
  return tf.sequential({
    layers: [
      tf.layers.dense({ inputShape: [784], units: 256, activation: "relu" }),
      tf.layers.dense({ units: 128, activation: "relu" }),
      tf.layers.dense({ units: 10 }),
    ],
  });
}

function cnn(): tf.LayersModel {
  const conv = { kernelSize: 3, padding: "same", activation: "relu" } as const;
  return tf.sequential({
    layers: [
      tf.layers.conv2d({ ...conv, inputShape: [28, 28, 1], filters: 16 }),
      tf.layers.maxPooling2d({ poolSize: 2 }),
      tf.layers.conv2d({ ...conv, filters: 32 }),
      tf.layers.maxPooling2d({ poolSize: 2 }),
      tf.layers.flatten(),
      tf.layers.dense({ units: 10 }),
    ],
  });
}
