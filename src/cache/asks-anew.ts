import type { Call } from "../call.ts";
import { listMembers } from "./http/fields.ts";

/** The way in which API Gateway's clients have an entry fetched anew. */
export const asksAnew = ({ request }: Call): boolean =>
  listMembers(request.headers.get("cache-control") ?? "").some((member) =>
    /^max-age\s*=\s*0+$/i.test(member),
  );
