import { describe } from "vitest";
import { operatorOf } from "../../operator.js";
import { testTorchCases } from "../../torch.js";

describe("softmax", () => {
  testTorchCases("softmax", (torch) => operatorOf(torch));
});
