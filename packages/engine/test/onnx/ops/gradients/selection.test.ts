import { describe } from "vitest";
import { boundsInputs, operatorOf } from "../../operator.js";
import { testTorchCases } from "../../torch.js";

describe("selection", () => {
  testTorchCases("selection", (torch) => operatorOf(torch, ["bounds"], boundsInputs));
});
