import type { Init } from "./module.js";

export { Simulation } from "./quorate_simulation.js";
export { QuorateError } from "./error.js";
export type { QuorateErrorCode } from "./error.js";
export type { ModuleSource } from "./module.js";
export type * from "./simulation-types.js";

export declare const init: Init;
