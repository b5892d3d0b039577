import { describe } from "vitest";
import { operatorOf } from "../../operator.js";
import { testTorchCases } from "../../torch.js";

describe("activations", () => {
  testTorchCases("activation", (torch) => operatorOf(torch));
});
