import { Random } from "./random.ts";

/** Isolates and how far they are from the counter. */
export interface Fleet {
  readonly name: string;
  readonly isolates: readonly Site[];
}

interface Site {
  /** Isolates of one place share its way to the counter. */
  readonly place: number;
  /** A round trip to the counter at its quickest, in ms. */
  readonly roundTrip: number;
}

/** Isolates that are all as far away, each in a place of its own. */
export const away = (count: number, roundTrip: number): Fleet => ({
  name: `${count}, ${roundTrip} ms away`,
  isolates: Array.from({ length: count }, (_, place) => ({ place, roundTrip })),
});

/** Isolates side by side with their counter. */
export const near = (count: number): Fleet => ({ ...away(count, 1), name: `${count} near` });

const PLACES = 300;
/** Places lie the same way in every run, whatever its seed. */
const MAP = 300;

/**
 * How far places are from a counter that lives in one of the world's regions: a tenth of them
 * in its own region, three tenths elsewhere on its continent, four tenths beyond an ocean, two
 * tenths on the other side of the earth; in ms, evenly within each part.
 */
const DISTANCES = [
  { part: 0.1, from: 5, to: 20 },
  { part: 0.3, from: 20, to: 80 },
  { part: 0.4, from: 80, to: 160 },
  { part: 0.2, from: 160, to: 250 },
];

/** Isolates in up to 300 places all over the world. */
export function world(count: number): Fleet {
  const places = shuffle(
    Array.from({ length: PLACES }, (_, index) => distance((index + 0.5) / PLACES)),
    new Random(MAP),
  );
  return {
    name: `${count.toLocaleString("en")} worldwide`,
    isolates: Array.from({ length: count }, (_, index) => {
      const place = index % PLACES;
      return { place, roundTrip: places[place] ?? 0 };
    }),
  };
}

/** @param quantile 0 for the nearest place, 1 for the farthest */
function distance(quantile: number): number {
  let below = 0;
  for (const { part, from, to } of DISTANCES) {
    if (quantile <= below + part) return from + ((quantile - below) / part) * (to - from);
    below += part;
  }
  return 250;
}

function shuffle<T>(items: readonly T[], random: Random): readonly T[] {
  return items
    .map((item) => ({ item, order: random.next() }))
    .sort((a, b) => a.order - b.order)
    .map(({ item }) => item);
}
