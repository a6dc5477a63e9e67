import type { BenchRequest, Case, Contestant } from "../case.ts";

const AREAS = 100;
const DISTINCT_REQUESTS = 100;

/**
 * Reading ten thousand entries again is not matching, and here the simulated store's share of
 * it would count too, as it runs in the engine's process.
 */
const MATCHING_ONLY = { ACCESS_LOG: "off", CONFIG_REFRESH_SECONDS: "3600" };

/** "Flat" as far as can be told: two processes of one script differ by up to 5 %, either way. */
const FLAT = 1.1;

/** A plain proxy to one route among many: what matching costs as the API grows. */
export const routes: Case = {
  name: "routes",
  contestants: [
    among(10),
    { ...among(100), budget: FLAT },
    { ...among(1_000), budget: FLAT },
    { ...among(10_000), budget: FLAT },
  ],
};

function among(count: number): Contestant {
  return {
    name: `gateway, ${count.toLocaleString("en")} routes`,
    script: "gateway",
    entries: (origin) => {
      const integration = { type: "http_proxy", uri: `${origin}/plain` };
      const numbers = Array.from({ length: count }, (_, number) => number);
      return Object.fromEntries(
        numbers.map((number) => [`apis/default/routes/GET ${area(number)}/{id}`, { integration }]),
      );
    },
    vars: MATCHING_ONLY,
    requests: spread(count),
  };
}

/** Requests for routes all over the API, so that none is always the last one matched. */
function spread(count: number): readonly BenchRequest[] {
  const length = Math.min(count, DISTINCT_REQUESTS);
  return Array.from({ length }, (_, index) => ({
    path: `${area(Math.floor((index * count) / length))}/42`,
  }));
}

function area(number: number): string {
  return `/area-${number % AREAS}/service-${number}`;
}
