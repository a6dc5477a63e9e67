import type { Study } from "../study.ts";
import { alternatives } from "./alternatives.ts";
import { below } from "./below.ts";
import { course } from "./course.ts";
import { demand } from "./demand.ts";
import { distance } from "./distance.ts";
import { faults } from "./faults.ts";
import { isolates } from "./isolates.ts";
import { near } from "./near.ts";
import { outage } from "./outage.ts";
import { worldwide } from "./worldwide.ts";

export const studies: readonly Study[] = [
  near,
  worldwide,
  faults,
  alternatives,
  isolates,
  course,
  demand,
  below,
  distance,
  outage,
];
