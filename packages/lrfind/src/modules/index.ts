// Modules of the user's, and packages beside this one. For lrfind's own packages; it may change with any version.
export { defaultOf, loadModule } from "./load-module.js";
export { packageDoor } from "./package-door.js";
