import { FILTER_QUERIES } from "./filter-queries.ts";
import { LIST_QUERIES } from "./list-queries.ts";
import { MEMBER_QUERIES } from "./member-queries.ts";
import { SCAN_QUERIES } from "./scan-queries.ts";

/** Paths, and the names of the documents that they are asked of. */
export interface Queries {
  readonly of: readonly string[];
  readonly paths: readonly string[];
}

/** Every selector with its corner cases. */
export const QUERIES: readonly Queries[] = [
  ...MEMBER_QUERIES,
  ...LIST_QUERIES,
  ...FILTER_QUERIES,
  ...SCAN_QUERIES,
];
