import { Double, jsonText, type Value } from "../../mapping/values.ts";
import { conflict, hasMethods, json, notFound, type Operation } from "./operation.ts";

/**
 * One statement of the configuration with what a request says bound to it: no text of a request
 * is ever part of the SQL.
 */
export function d1(binding: unknown, operation: Operation): Promise<Response> | undefined {
  return isD1(binding) ? run(binding, operation) : undefined;
}

function isD1(binding: unknown): binding is D1Database {
  return hasMethods(binding, "prepare", "batch");
}

async function run(binding: D1Database, operation: Operation): Promise<Response> {
  const { name, args } = operation;
  const statement = binding.prepare(args.required("prepare")).bind(...args.items("bind").map(bound));
  try {
    if (name === "first") {
      const row = await statement.first();
      if (row === null) throw notFound(operation, "row");
      return json(row);
    }
    const { results, meta } = await statement.all();
    if (name === "all") return json({ results });
    const { changes, last_row_id } = meta;
    // What `RETURNING` gives.
    return json({ changes, last_row_id, ...(results.length > 0 && { results }) });
  } catch (error) {
    if (error instanceof Error && /\bSQLITE_CONSTRAINT\b/.test(error.message)) {
      throw conflict(operation, "a constraint of the database");
    }
    if (error instanceof Error && /\bSQLITE_MISMATCH\b/.test(error.message) && args.has("bind")) {
      throw args.invalid("bind", "a value is not of the type that its place takes");
    }
    throw error;
  }
}

/** What SQLite can be given: lists and objects as JSON, integers beyond 2^53 as their digits. */
function bound(value: Value | undefined): string | number | boolean | null {
  if (value instanceof Double) return value.value;
  if (typeof value === "bigint") return String(value);
  if (value === undefined || value === null || typeof value !== "object") return value ?? null;
  return jsonText(value);
}
