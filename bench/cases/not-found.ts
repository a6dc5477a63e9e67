import type { Case } from "../case.ts";
import { plainEntries } from "./plain-proxy.ts";

const requests = [{ path: "/nothing", status: 404 }];

/** What a scanner costs: a path that no route matches. */
export const notFound: Case = {
  name: "404",
  contestants: [
    { name: "static Worker", script: "static", requests },
    {
      name: "gateway",
      script: "gateway",
      entries: plainEntries,
      vars: { ACCESS_LOG: "off" },
      requests,
    },
  ],
};
