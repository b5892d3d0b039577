import { boolean, type Checks, checkOptions, integer, oneOf, tuple } from "lrfind/core";
import { depth, size } from "../checks.js";
import type { Layer } from "../layer.js";
import { relu } from "../layers/activation.js";
import { batchNorm2d } from "../layers/batch-norm.js";
import { linear } from "../layers/linear.js";
import { adaptiveAvgPool2d, maxPool2d } from "../layers/pool.js";
import { BOTTLENECK_EXPANSION, basicBlock, bottleneck, convolution } from "../layers/residual.js";
import { flatten, sequential } from "../layers/sequential.js";

/** Options of a residual network. */
export interface ResnetOptions {
  /** Default: "basic". */
  readonly block?: "basic" | "bottleneck";
  /** Blocks in each of the four stages. Default: [2, 2, 2, 2], which makes a ResNet-18. */
  readonly layers?: readonly [number, number, number, number];
  /** Outputs of the classifier. Default: 1000. */
  readonly numClasses?: number;
  /** Channels of the images. Default: 3. */
  readonly inChannels?: number;
  /** Channels of the first stage; each further one doubles them. Default: 64. */
  readonly width?: number;
  /**
   * What comes before the stages. "standard": a 7x7 convolution with stride 2 and a max pool. "deep": three 3x3
   * convolutions, the first with stride 2, and a max pool, as in xresnet. "small": one 3x3 convolution, for images
   * of some 32 pixels. Default: "standard".
   */
  readonly stem?: "standard" | "deep" | "small";
  /** Starts every block as the identity. Default: false. */
  readonly zeroInit?: boolean;
}

/** The checks of a residual network's options. */
export const RESNET_OPTIONS: Checks<ResnetOptions> = {
  block: oneOf("basic", "bottleneck"),
  layers: tuple(depth, depth, depth, depth),
  numClasses: size,
  inChannels: size,
  // Far beyond any network, and such that 32 times it still is a size.
  width: integer({ min: 1, max: 65536 }),
  stem: oneOf("standard", "deep", "small"),
  zeroInit: boolean,
};

/**
 * A residual network for images.
 *
 * Input [N, inChannels, H, W], output logits [N, numClasses]. Children as torchvision names them: `conv1`, `bn1`,
 * `layer1` … `layer4`, `fc`; with a deep stem `stem.0` … instead of the first two. Convolutions start normal with
 * deviation sqrt(2 / fan out), the classifier as `linear` does.
 *
 * @throws {OptionError} when an option does not exist or is out of its range.
 *
 * @example
 * ```ts
 * const model = modelOf(resnet({ numClasses: 10, inChannels: 1, stem: "small", width: 16 }));
 * ```
 *
 * Source: He, Zhang, Ren and Sun, Deep Residual Learning (2016), table 1; the deep stem: He et al., Bag of Tricks
 * (2019), figure 2b.
 */
export function resnet(options: ResnetOptions = {}): Layer {
  checkOptions("resnet", options, RESNET_OPTIONS);
  const { block = "basic", layers = [2, 2, 2, 2], numClasses = 1000, inChannels = 3 } = options;
  const { width = 64, stem = "standard", zeroInit = false } = options;
  const expansion = block === "basic" ? 1 : BOTTLENECK_EXPANSION;
  const children: Record<string, Layer> = { ...stemLayers(stem, inChannels, width) };
  const head = Object.keys(children);
  let channels = width;
  layers.forEach((count, stage) => {
    const blockWidth = width * 2 ** stage;
    const blocks = Array.from({ length: count }, (_, i) => {
      const stride = stage > 0 && i === 0 ? 2 : 1;
      const made =
        block === "basic"
          ? basicBlock(channels, blockWidth, { stride, zeroInit })
          : bottleneck(channels, blockWidth, { stride, zeroInit });
      channels = blockWidth * expansion;
      return made;
    });
    children[`layer${stage + 1}`] = sequential(...blocks);
    head.push(`layer${stage + 1}`);
  });
  children["avgpool"] = sequential(adaptiveAvgPool2d(1), flatten());
  children["fc"] = linear(channels, numClasses);
  head.push("avgpool", "fc");
  return {
    kind: "ResNet",
    children,
    forward: ({ child }, x) => head.reduce((value, name) => child(name, value), x!),
  };
}

type PlainResnetOptions = Omit<ResnetOptions, "block" | "layers">;
const { block: _block, layers: _layers, ...plainChecks } = RESNET_OPTIONS;
const PLAIN_OPTIONS: Checks<PlainResnetOptions> = plainChecks;

/**
 * The residual network with 18 layers: 11.7 million parameters at 1000 classes.
 *
 * @throws {OptionError} when an option does not exist or is out of its range.
 *
 * @example
 * ```ts
 * const model = modelOf(resnet18({ numClasses: 37 }));
 * ```
 */
export function resnet18(options: PlainResnetOptions = {}): Layer {
  checkOptions<PlainResnetOptions>("resnet18", options, PLAIN_OPTIONS);
  return resnet({ ...options, block: "basic", layers: [2, 2, 2, 2] });
}

/**
 * The residual network with 34 layers: 21.8 million parameters at 1000 classes.
 *
 * @throws {OptionError} when an option does not exist or is out of its range.
 *
 * @example
 * ```ts
 * const model = modelOf(resnet34({ numClasses: 37 }));
 * ```
 */
export function resnet34(options: PlainResnetOptions = {}): Layer {
  checkOptions<PlainResnetOptions>("resnet34", options, PLAIN_OPTIONS);
  return resnet({ ...options, block: "basic", layers: [3, 4, 6, 3] });
}

function stemLayers(
  stem: NonNullable<ResnetOptions["stem"]>,
  inChannels: number,
  width: number,
): Record<string, Layer> {
  const maxpool = maxPool2d(3, { stride: 2, padding: 1 });
  if (stem === "deep") {
    const half = Math.ceil(width / 2);
    const steps = [
      [inChannels, half, 2],
      [half, half, 1],
      [half, width, 1],
    ] as const;
    const convolutions = steps.flatMap(([from, to, stride]) => [
      convolution(from, to, 3, stride),
      batchNorm2d(to),
      relu(),
    ]);
    return { stem: sequential(...convolutions), maxpool };
  }
  const small = stem === "small";
  return {
    conv1: convolution(inChannels, width, small ? 3 : 7, small ? 1 : 2),
    bn1: batchNorm2d(width),
    relu: relu(),
    ...(small ? {} : { maxpool }),
  };
}
