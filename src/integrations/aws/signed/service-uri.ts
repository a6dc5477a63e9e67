import { serviceModel } from "./services.ts";

/** An integration's URI that names a service of AWS (developer guide, "uri" of an integration). */
export interface ServiceUri {
  readonly region: string;
  readonly service: string;
  readonly subdomain?: string;
  /** `path`: a path with `{placeholders}`, without its first slash; `action`: the action's name. */
  readonly kind: "path" | "action";
  readonly rest: string;
}

const URI =
  /^arn:aws(?:-[a-z]+)*:apigateway:([a-z]{2}(?:-[a-z]+)+-\d):((?:[a-z0-9-]+\.)*)([a-z0-9-]+):(path|action)\/(.*)$/s;

/**
 * Reads `arn:aws:apigateway:{region}:{subdomain.service}:{path|action}/{rest}`, the stage's
 * variables filled in. Nothing in front of the path may be a placeholder: a request can choose
 * neither service nor region (R-16).
 */
export function parseServiceUri(uri: string): ServiceUri | { readonly fault: string } {
  const [, region = "", labels = "", service = "", kind = "", rest = ""] = URI.exec(uri) ?? [];
  if (kind !== "path" && kind !== "action") {
    return {
      fault: `"${uri}" names no service: write arn:aws:apigateway:REGION:SERVICE:action/ACTION, or path/PATH`,
    };
  }
  if (kind === "action" && serviceModel(service).hasPathsOnly) {
    const path = service === "s3" ? "s3:path/BUCKET/{key}" : `${service}:path/PATH`;
    return {
      fault: `${service} has no actions, so that "${rest}" is none: write ${path}, and the httpMethod`,
    };
  }
  if (kind === "action" && !/^[A-Za-z][A-Za-z0-9]*$/.test(rest)) {
    const hint = "its parameters are mapped to integration.request.querystring.NAME";
    return { fault: `"${rest}" is no action's name${rest.includes("&") ? `: ${hint}` : ""}` };
  }
  return { region, service, kind, rest, ...(labels !== "" && { subdomain: labels.slice(0, -1) }) };
}
