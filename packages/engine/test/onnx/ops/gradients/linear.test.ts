import { describe } from "vitest";
import { operatorOf } from "../../operator.js";
import { testTorchCases } from "../../torch.js";

describe("matrix products", () => {
  testTorchCases("linear", (torch) => operatorOf(torch));
});
