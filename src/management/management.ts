import { Hono } from "hono";

/** What the gateway's own endpoints may ask of it. */
export interface Inspection {
  readonly version: string;
  /** Age of the configuration in ms; none before the first read. */
  configAgeMs(): number | undefined;
  problems(): number;
  /** Reads something from the config store; rejects when it does not answer. */
  probeConfig(): Promise<void>;
  flushLog(): void;
}

/** How long a probe of a store may take, and how long its result is kept, in ms. */
const PROBE_MS = 2000;
const PROBE_KEPT_MS = 1000;

/** The gateway's own endpoints, under `/_portico`. */
export function managementApp(inspection: Inspection): Hono {
  const app = new Hono();
  let probed = { at: 0, ok: false };
  app.get("/_portico/health", async (c) => {
    // Whoever stops the gateway asks for its health first, and the log's last lines come out.
    inspection.flushLog();
    const now = Date.now();
    if (now - probed.at > PROBE_KEPT_MS) probed = { at: now, ok: await answers(inspection) };
    const age = inspection.configAgeMs();
    return c.json(
      {
        status: probed.ok ? "ok" : "degraded",
        version: inspection.version,
        config: {
          ageSeconds: age === undefined ? null : Math.round(age / 1000),
          problems: inspection.problems(),
        },
        stores: { config: probed.ok ? "ok" : "unavailable" },
      },
      probed.ok ? 200 : 503,
      { "cache-control": "no-store" },
    );
  });
  app.notFound((c) => c.json({ message: "Not Found" }, 404));
  return app;
}

async function answers(inspection: Inspection): Promise<boolean> {
  try {
    const late = new Promise<never>((_, reject) =>
      setTimeout(() => reject(new Error("no answer")), PROBE_MS),
    );
    await Promise.race([inspection.probeConfig(), late]);
    return true;
  } catch {
    return false;
  }
}
