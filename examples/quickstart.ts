import { edge, valley } from "lrfind";
import { imageDataLoadersFromIdx } from "lrfind/data";
import { accuracy, Learner } from "lrfind/learner";
import { crossEntropy, flatten, linear, relu, sequential } from "lrfind/nn";
import { toTerminal } from "lrfind/plot";

const images = "examples/data/t10k-images-idx3-ubyte.gz"; // Fashion-MNIST, 10,000 images
const labels = "examples/data/t10k-labels-idx1-ubyte.gz";
const dls = await imageDataLoadersFromIdx({ images, labels, normalize: "train" });
const model = sequential(flatten(), linear(784, 128), relu(), linear(128, 10));
await using learn = new Learner({ dls, model, lossFunc: crossEntropy(), metrics: [accuracy] });

const result = await learn.lrFind({ suggestFuncs: [edge, valley] });
console.log(toTerminal(result, { rows: 18 }));
for (const epoch of await learn.fit(3, { lr: result })) console.log(epoch.validLoss, epoch.metrics);
