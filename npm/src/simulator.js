// The simulator: the generated class, behind the guards that generated code does not have.

import load, * as generated from "./quorate_simulation.js";
import { refuseFreed } from "./freed.js";
import { Module } from "./module.js";

export const module = new Module(load);

export class Simulation extends generated.Simulation {
  constructor(scenario, trace) {
    module.require("new Simulation");
    super(scenario, trace);
  }

  static presets() {
    module.require("Simulation.presets");
    return super.presets();
  }
}

refuseFreed(generated.Simulation);
