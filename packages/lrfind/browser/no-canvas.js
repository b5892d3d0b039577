// Stands for @napi-rs/canvas in a browser, by the condition "browser" of "#canvas" in package.json.
throw new Error("@napi-rs/canvas is for Node; a browser has a canvas of its own");
