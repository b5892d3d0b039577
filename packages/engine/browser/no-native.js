// Stands for onnxruntime-node in a browser, by the condition "browser" of "#onnxruntime-node" in package.json.
throw new Error("onnxruntime-node is for Node; a browser runs onnxruntime-web");
