import type { Case } from "../case.ts";

const requests = [{ path: "/plain" }];

export const plainEntries = (origin: string) => ({
  "apis/default/routes/GET /plain": { integration: { type: "http_proxy", uri: `${origin}/plain` } },
});

/** A small JSON answer of an origin, without the access log and with it. */
export const plainProxy: Case = {
  name: "proxy",
  contestants: [
    { name: "bare Worker", script: "bare", requests },
    {
      name: "gateway",
      script: "gateway",
      entries: plainEntries,
      vars: { ACCESS_LOG: "off" },
      requests,
      budget: 1.1,
    },
    { name: "gateway, access log", script: "gateway", entries: plainEntries, requests },
    { name: "Hono proxy", script: "hono", requests },
  ],
};
