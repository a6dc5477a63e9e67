import fc from "fast-check";
import { expect, test } from "vitest";
import { fieldOf } from "../../bench/simulation/plots/axes.ts";
import { lineChart, spread } from "../../bench/simulation/plots/line-chart.ts";

const FRAME = { left: 10, top: 20, width: 300, height: 100 };
const AXIS = { label: "", ticks: [] };

test("where values stand", () => {
  const linear = { ...AXIS, scale: "linear", from: 0, to: 2 } as const;
  const log = { ...AXIS, scale: "log", from: 1, to: 1000 } as const;
  const { x, y } = fieldOf(FRAME, log, linear);
  expect([x(1), x(10), x(1000)].map(Math.round)).toEqual([10, 110, 310]);
  expect([y(0), y(1), y(2)]).toEqual([120, 70, 20]);
});

test.each([
  ["far from each other", [10, 50, 90], [10, 50, 90]],
  ["close to each other", [10, 12, 60], [10, 27, 60]],
  ["at the bottom", [95, 99], [83, 100]],
])("labels %s", (_, heights, places) => {
  expect(spread(heights, 100)).toEqual(places);
});

test("labels never overlap, and keep their order", () => {
  const heights = fc.array(fc.integer({ min: 0, max: 300 }), { maxLength: 8 });
  fc.assert(
    fc.property(heights, (unsorted) => {
      const places = spread(
        unsorted.toSorted((a, b) => a - b),
        300,
      );
      places.slice(1).forEach((place, index) => {
        expect(place - (places[index] ?? 0)).toBeGreaterThanOrEqual(17);
      });
      expect(places.at(-1) ?? 0).toBeLessThanOrEqual(300);
    }),
  );
});

test("what is written in a plot is text", () => {
  const axis = { label: "a < b & c", scale: "linear", from: 0, to: 1, ticks: [0, 1] } as const;
  const plot = lineChart({ title: "<title>", subtitle: "", x: axis, y: axis, series: [] });
  expect(plot).toContain(">a &lt; b &amp; c</text>");
  expect(plot).toContain(">&lt;title&gt;</text>");
});
