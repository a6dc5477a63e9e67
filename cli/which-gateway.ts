import { relative, resolve } from "node:path";
import { Failure } from "./engine/failure.ts";
import { findGateway } from "./local-gateway.ts";
import type { Fetch, Management } from "./management.ts";
import type { StoreFlags } from "./with-store.ts";

/** A gateway answers within its own two seconds, or it is not there. */
export const patientFetch: Fetch = (url, init) =>
  fetch(url, { ...init, signal: AbortSignal.timeout(10_000) });

/** @throws Failure when no gateway runs on the data folder */
export async function localManagement(root: string, { data, remote }: StoreFlags): Promise<Management> {
  if (remote) throw new Failure("--remote says where the keys are, not the gateway", "add --url https://...");
  const folder = resolve(root, data);
  const found = await findGateway(root, folder);
  const away = "start it: npm start; or name a deployed one: --url https://...";
  if (!found) throw new Failure(`no gateway runs on ${relative(process.cwd(), folder) || "."}`, away);
  return { ...found, hints: { away, token: "its token has changed since it started: start it again" } };
}

/** @throws Failure for what is no URL, and without the token */
export function deployedManagement(text: string): Management {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== "https:" && url?.protocol !== "http:") {
    throw new Failure(`--url "${text}" is no http or https URL`, "write it as https://api.example.com");
  }
  const token = process.env["PORTICO_TOKEN"];
  if (!token) {
    throw new Failure("PORTICO_TOKEN is not set", "its value is the gateway's secret MANAGEMENT_TOKEN");
  }
  const hints = {
    away: "look at --url",
    token: "PORTICO_TOKEN has to be the gateway's secret MANAGEMENT_TOKEN",
  };
  return { url: url.origin, token, hints };
}
