import type { BenchRequest, BenchRequests } from "./case.ts";

/** Those that come next after so many; of a list no more than it has, to be sent again and again. */
export function nextRequests(requests: BenchRequests, sent: number, count: number): readonly BenchRequest[] {
  if (typeof requests === "function") {
    return Array.from({ length: count }, (_, index) => requests(sent + index));
  }
  const start = sent % requests.length;
  return [...requests.slice(start), ...requests.slice(0, start)].slice(0, count);
}
