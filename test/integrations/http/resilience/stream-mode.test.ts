import { describe, expect, test } from "vitest";
import { limitIdle, responseTimeout } from "../../../../src/integrations/http/resilience/stream-mode.ts";
import { VirtualClock } from "../../../throttle/support/virtual-clock.ts";
import { World } from "./support.ts";

const text = (value: Uint8Array | undefined): string => new TextDecoder().decode(value);

/** A body whose pieces come when they are pushed. */
function pushed(): {
  response: Response;
  push: (piece: string) => void;
  end: () => void;
  fail: () => void;
  readonly cancelled: unknown[];
} {
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  const cancelled: unknown[] = [];
  const body = new ReadableStream<Uint8Array>({
    start: (given) => {
      controller = given;
    },
    cancel: (reason) => void cancelled.push(reason),
  });
  return {
    response: new Response(body, { status: 201, headers: { "x-a": "1" } }),
    push: (piece) => controller?.enqueue(new TextEncoder().encode(piece)),
    end: () => controller?.close(),
    fail: () => controller?.error(new Error("Network connection lost.")),
    cancelled,
  };
}

describe("how long a streamed response may take", () => {
  test.each([
    [{ responseTransferMode: "STREAM" as const }, "REST" as const, 900_000],
    [{ responseTransferMode: "STREAM" as const }, "HTTP" as const, 900_000],
    [{ responseTransferMode: "STREAM" as const, timeoutInMillis: 70_000 }, "REST" as const, 70_000],
    [{ responseTransferMode: "BUFFERED" as const }, "REST" as const, 29_000],
    [{}, "HTTP" as const, 30_000],
  ])("%j on %s: %i ms until its headers", (members, protocol, ms) => {
    expect(responseTimeout({ type: "http_proxy", ...members }, protocol)).toBe(ms);
  });

  test("it ends when nothing comes for five minutes, and the client sees that it is not whole", async () => {
    const clock = new VirtualClock(0);
    const origin = pushed();
    const reader = limitIdle(origin.response, clock).body?.getReader();
    for (const piece of ["one", "two"]) {
      const read = reader?.read();
      await clock.pass(299_999);
      origin.push(piece);
      expect(text((await read)?.value)).toBe(piece);
    }
    const last = reader?.read();
    const failed = expect(last).rejects.toThrow("the origin sent nothing for 300000 ms");
    await clock.pass(300_000);
    await failed;
    expect(origin.cancelled.length).toBe(1);
    expect(clock.pending).toBe(0);
  });

  test("a client may read as slowly as it likes", async () => {
    const clock = new VirtualClock(0);
    const origin = pushed();
    const reader = limitIdle(origin.response, clock).body?.getReader();
    origin.push("one");
    origin.push("two");
    expect(text((await reader?.read())?.value)).toBe("one");
    await clock.pass(3_600_000);
    expect(text((await reader?.read())?.value)).toBe("two");
    origin.end();
    expect((await reader?.read())?.done).toBe(true);
  });

  test("what the origin breaks off is broken off, and who goes away is no longer sent to", async () => {
    const broken = pushed();
    const reader = limitIdle(broken.response).body?.getReader();
    const read = reader?.read();
    broken.fail();
    await expect(read).rejects.toThrow("Network connection lost.");
    const left = pushed();
    await limitIdle(left.response).body?.cancel("gone");
    expect(left.cancelled).toEqual(["gone"]);
  });

  test("status, headers and empty responses stay", async () => {
    const { response } = pushed();
    const limited = limitIdle(response);
    expect([limited.status, limited.headers.get("x-a")]).toEqual([201, "1"]);
    const empty = new Response(null, { status: 204 });
    expect(limitIdle(empty)).toBe(empty);
  });
});

test("STREAM asks its origin for a response that is not compressed, BUFFERED for whatever the client can read", async () => {
  for (const [mode, expected] of [
    ["STREAM", "identity"],
    ["BUFFERED", "gzip, br"],
  ]) {
    const world = new World({ "a.test": 200 });
    const send = world.sender({ uri: "https://a.test/", responseTransferMode: mode });
    expect((await world.send(send, { headers: { "accept-encoding": "gzip, br" } })).result).toBe(200);
    expect(world.seen[0]?.headers.get("accept-encoding")).toBe(expected);
  }
});
