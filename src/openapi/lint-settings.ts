import type { Problem } from "../config/problem.ts";
import type { ApiEntry } from "../config/schemas.ts";

/** `image/png`, `image/*` and the type of all, with or without parameters. */
const MEDIA_TYPE = /^(?:\*\/\*|[^\s/*;,]+\/(?:\*|[^\s/*;,]+))$/;

/**
 * Entries of `binaryMediaTypes` that no body's type can be.
 *
 * @param place where the list stands
 */
export function lintMediaTypes({ binaryMediaTypes }: ApiEntry, place: string): readonly Problem[] {
  return binaryMediaTypes.flatMap((type, index) => {
    if (MEDIA_TYPE.test(type.split(";")[0]?.trim() ?? "")) return [];
    return [
      {
        code: "media_type.unmatched",
        path: `${place}.${index}`,
        message: `no body has the media type "${type}"`,
        hint: "write type/subtype, type/* or */*",
      },
    ];
  });
}
