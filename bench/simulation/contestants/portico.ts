import type { Arrivals } from "../arrivals.ts";
import { type Contestant, Outcome } from "../outcome.ts";
import { Random } from "../random.ts";
import { AFTERMATH, type Scenario } from "../scenario.ts";
import { World } from "../world.ts";
import { SimulatedCounter } from "./counter.ts";
import { Isolate } from "./isolate.ts";

/** Clocks are wrong by up to this much, in ms, either way. */
const WRONG = 5_000;
/** Ms since the epoch when it all starts. */
const START = 1_800_000_000_000;

/** The gateway's own classes, isolates' and counter's, in virtual time. */
export const portico: Contestant = { name: "Portico", run };

interface Slot {
  readonly birth: () => Isolate;
  alive: Isolate;
}

async function run(scenario: Scenario, arrivals: Arrivals, seed: number): Promise<Outcome> {
  const world = new World();
  const random = new Random(seed);
  const outcome = new Outcome();
  const offset = (): number => START + random.below(2 * WRONG) - WRONG;
  const called = (at: number): void => outcome.called(at);
  const { faults } = scenario;
  const counter = new SimulatedCounter({ world, random, faults, called }, offset());
  const slots = populate(scenario, world, counter, offset);
  breakThings(scenario, world, counter, slots);
  const arrive = (index: number): void => {
    const cameAt = world.now;
    slots[index]?.alive.request((admitted, countsAt) => {
      if (admitted) outcome.admit(countsAt);
      if (world.now > cameAt) outcome.waited(world.now - cameAt);
    });
  };
  await world.run(arrivals, arrive, scenario.seconds * 1000 + AFTERMATH);
  return outcome;
}

function populate(
  { fleet, limit }: Scenario,
  world: World,
  counter: SimulatedCounter,
  offset: () => number,
): readonly Slot[] {
  let born = 0;
  return fleet.isolates.map(({ roundTrip }) => {
    const birth = (): Isolate =>
      new Isolate({ world, counter, limit, name: `isolate ${born++}`, roundTrip, offset: offset() });
    return { birth, alive: birth() };
  });
}

function breakThings(
  { faults, seconds }: Scenario,
  world: World,
  counter: SimulatedCounter,
  slots: readonly Slot[],
): void {
  every(faults?.lossesPerSecond, seconds, world, () => counter.restart(faults?.awayMs));
  every(faults?.deathsPerSecond, seconds, world, (times) => {
    const slot = slots[times % slots.length];
    if (!slot) return;
    slot.alive.die();
    slot.alive = slot.birth();
  });
}

function every(
  perSecond: number | undefined,
  seconds: number,
  world: World,
  happen: (times: number) => void,
): void {
  if (!perSecond) return;
  for (let times = 1; times < seconds * perSecond; times++) {
    world.at((times * 1000) / perSecond, () => happen(times));
  }
}
