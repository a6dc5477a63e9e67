import { fixupHeader } from "http-cache-tests/lib/header-fixup.mjs";
import type { CacheRequest } from "../../../src/cache/http/fields.ts";

export interface RequestConfig {
  readonly expected_type?: string;
  readonly response_status?: readonly [number, string];
  readonly response_headers?: readonly (readonly [string, string | number, boolean?])[];
  readonly response_body?: string | null;
  readonly disconnect?: boolean;
}

export interface Test {
  readonly id: string;
  readonly kind?: "required" | "optimal" | "check";
  readonly browser_only?: boolean;
  readonly requests: readonly RequestConfig[];
}

interface Seen {
  readonly request_num: number;
  readonly request_method: string;
  readonly request_headers: Record<string, string>;
  readonly response_headers: [string, string | string[]][];
}

export const BASE = "https://suite.example";

/** The suite's origin server: it answers as each test configures it, and remembers what it was asked. */
export class SuiteOrigin {
  readonly #configs = new Map<string, readonly RequestConfig[]>();
  readonly #seen = new Map<string, Seen[]>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  configure(uuid: string, configs: readonly RequestConfig[]): void {
    this.#configs.set(uuid, configs);
  }

  seen(uuid: string): readonly Seen[] {
    return this.#seen.get(uuid) ?? [];
  }

  async answer(request: CacheRequest): Promise<Response> {
    const url = new URL(request.url);
    const uuid = url.pathname.split("/")[2] ?? "";
    const seen = this.#seen.get(uuid) ?? [];
    this.#seen.set(uuid, seen);
    const number = Number(request.headers.get("req-num")) || seen.length + 1;
    const configs = this.#configs.get(uuid) ?? [];
    const config = configs[number - 1] ?? {};
    const [status] = statusOf(request, config, configs[number - 2]);
    const headers = new Headers({
      "server-base-url": url.pathname + url.search,
      "server-request-count": String(seen.length + 1),
      "client-request-count": String(number),
      "server-now": String(this.#now()),
    });
    const saved = new Map<string, string>();
    // `fixupHeader` puts a date into the line itself, which the next request compares with.
    for (const line of config.response_headers ?? []) {
      const [name, value, save = true] = fixupHeader(line, Object.fromEntries(headers), config);
      headers.append(name, value);
      if (save) saved.set(name, headers.get(name) ?? "");
    }
    if (!headers.has("content-type")) headers.set("content-type", "text/plain");
    seen.push({
      request_num: number,
      request_method: request.method,
      request_headers: Object.fromEntries(request.headers),
      response_headers: [...saved],
    });
    headers.set("request-numbers", seen.map((item) => item.request_num).join(" "));
    if (config.disconnect) throw new Error("the origin went away");
    const body =
      [204, 304].includes(status) || request.method === "HEAD" ? null : (config.response_body ?? uuid);
    return new Response(body, { status, headers });
  }
}

function statusOf(
  request: CacheRequest,
  config: RequestConfig,
  previous: RequestConfig | undefined,
): readonly [number, string] {
  if (!config.expected_type?.endsWith("validated")) return config.response_status ?? [200, "OK"];
  const validators = [
    ["last-modified", "if-modified-since"],
    ["etag", "if-none-match"],
  ] as const;
  const valid = validators.some(([validator, condition]) => {
    const line = previous?.response_headers?.findLast(([name]) => name.toLowerCase() === validator);
    return line !== undefined && request.headers.get(condition) === line[1];
  });
  // The suite's own server says 999, which no `Response` can have.
  return valid ? [304, "Not Modified"] : [599, "304 Not Generated"];
}
