// A program that makes a session in a thread, runs it, and ends without disposing it.
import { GraphBuilder, tensor } from "../../../src/onnx/index.js";
import { createSession } from "../../../src/runtime/index.js";

const g = new GraphBuilder();
const x = g.input("x", "float32", [2]);
const session = await createSession(g.build({ y: g.mul(x, 2) }), { worker: true });
const { y } = await session.run({ x: tensor("float32", [2], [1, 2]) });
console.log(String(y!.data));
