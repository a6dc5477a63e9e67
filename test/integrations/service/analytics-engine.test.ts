import { expect, test } from "vitest";
import { services } from "./support.ts";

/** The platform's simulator tells nobody what was written to it. */
test("a data point has each value at its own place, absent ones among them", async () => {
  const points: unknown[] = [];
  const dataset = { writeDataPoint: (point: unknown) => void points.push(point) };
  const parameters = {
    indexes: ["$request.path.page"],
    blobs: [
      "$request.header.x-none",
      "on ${request.path.page}",
      "$request.body.list",
      "$request.body.map",
      "$request.body.big",
    ],
    doubles: [1, "$request.body.text", "$request.body.real"],
  };
  const integration = { type: "analytics_engine", binding: "VISITS", parameters };
  const subject = await services({ "POST /{page}": integration }, undefined, {
    functionEnv: { VISITS: dataset },
  });
  const body = '{"list":[1,"a"],"map":{"b":null},"big":9007199254740993,"text":"2.5","real":3.0}';
  const response = await subject.fetch("/home", { method: "POST", body });
  expect(response.status).toBe(202);
  expect(points).toEqual([
    {
      indexes: ["home"],
      blobs: [null, "on home", '[1,"a"]', '{"b":null}', "9007199254740993"],
      doubles: [1, 2.5, 3],
    },
  ]);
});
