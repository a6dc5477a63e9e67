import { Double, jsonText, type Value } from "../../mapping/values.ts";
import { byteLength, hasMethods, json, type Operation } from "./operation.ts";

/** The platform's limits, in bytes. */
const INDEX_LIMIT = 96;
const BLOBS_LIMIT = 16 * 1024;

export function analyticsEngine(binding: unknown, operation: Operation): Promise<Response> | undefined {
  return isDataset(binding) ? writeDataPoint(binding, operation) : undefined;
}

function isDataset(binding: unknown): binding is AnalyticsEngineDataset {
  return hasMethods(binding, "writeDataPoint");
}

/** `writeDataPoint`: 202; the platform writes it later and says nothing of it. */
async function writeDataPoint(binding: AnalyticsEngineDataset, { args }: Operation): Promise<Response> {
  const indexes = args.items("indexes").map(text);
  const blobs = args.items("blobs").map(text);
  const doubles = args.items("doubles").map((value) => {
    const number = numeric(value);
    if (number === undefined) throw args.invalid("doubles", "one of its items is no number");
    return number;
  });
  if (indexes.some((index) => index !== null && byteLength(index) > INDEX_LIMIT)) {
    throw args.invalid("indexes", `an index is at most ${INDEX_LIMIT} bytes`);
  }
  if (blobs.reduce((sum, blob) => sum + byteLength(blob ?? ""), 0) > BLOBS_LIMIT) {
    throw args.invalid("blobs", `the blobs of a data point are at most ${BLOBS_LIMIT} bytes`);
  }
  binding.writeDataPoint({ indexes, blobs, doubles });
  return json({ accepted: 1 }, 202);
}

function text(value: Value | undefined): string | null {
  if (value === undefined || value === null) return null;
  return Array.isArray(value) || value instanceof Map ? jsonText(value) : String(value);
}

function numeric(value: Value | undefined): number | undefined {
  if (typeof value !== "number" && typeof value !== "string" && !(value instanceof Double)) return undefined;
  const number = typeof value === "string" && value.trim() === "" ? Number.NaN : Number(String(value));
  return Number.isFinite(number) ? number : undefined;
}
