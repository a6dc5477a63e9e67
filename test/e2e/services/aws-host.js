import { awsService } from "../../../src/integrations/aws/signed/aws-service.ts";
import { AwsSettings } from "../../../src/integrations/aws/signed/credentials.ts";
import { remoteFunction } from "../../../src/integrations/aws/signed/lambda/remote-function.ts";

/**
 * Calls AWS as the gateway does, on the engine, so that what goes over the wire can be seen. The
 * request's header `x-prepared`, percent-encoded, says what for: `{uri, method, path, query, headers, body}`.
 */
export default {
  async fetch(request, env, ctx) {
    const { uri, stream, body, headers, ...prepared } = JSON.parse(
      decodeURIComponent(request.headers.get("x-prepared")),
    );
    const call = {
      request,
      ctx,
      runtime: { fetchOrigin: (url, init) => fetch(url, init), aws: new AwsSettings(env) },
      stage: { settings: { protocol: "HTTP", limits: {} } },
      route: { key: "ANY /", parameters: {} },
      outcome: {},
    };
    try {
      if (stream) return await remoteFunction(uri).stream(call, {});
      return await awsService(uri).call(call, {
        path: {},
        query: "",
        ...prepared,
        headers: new Headers(headers ?? {}),
        body: body ?? request.body,
      });
    } catch (error) {
      return Response.json({ reason: error.reason, detail: error.message }, { status: 500 });
    }
  },
};
