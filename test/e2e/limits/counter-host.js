// The script that hosts the counters of all gateways: the real object, which can be made to
// fail. JavaScript, since the tests around it are typed for Node.js and this is not.
import { Counter as RealCounter } from "../../../src/throttle/counter.ts";

/**
 * What is wrong with which counter, and how often it was asked: outlives restarts of the
 * objects, which share this isolate.
 *
 * @type {Map<string, { fault: import("./cluster.ts").Fault, dead: Set<string>, holders: Set<string>, calls: number, starts: number }>}
 */
const known = new Map();

/** So long hangs what hangs: longer than any test. */
const HANG_MS = 300_000;

/** @param {string} id */
function about(id) {
  let found = known.get(id);
  if (!found) {
    found = { fault: { kind: "none" }, dead: new Set(), holders: new Set(), calls: 0, starts: 0 };
    known.set(id, found);
  }
  return found;
}

const sleep = (/** @type {number} */ ms) => new Promise((resolve) => setTimeout(resolve, ms));

export class Counter extends RealCounter {
  /** @type {DurableObjectState} */
  #state;

  constructor(ctx, env) {
    super(ctx, env);
    this.#state = ctx;
    about(ctx.id.toString()).starts++;
  }

  async lease(holder, asks) {
    const here = about(this.#state.id.toString());
    // The dead ask nobody.
    if (here.dead.has(holder)) return sleep(HANG_MS);
    const call = ++here.calls;
    here.holders.add(holder);
    const { fault } = here;
    switch (fault.kind) {
      case "throw":
        if (call % fault.each === 0) throw new Error("made to fail");
        return super.lease(holder, asks);
      case "hang":
        return sleep(HANG_MS);
      case "late": {
        await sleep(fault.ms / 2);
        const grants = await super.lease(holder, asks);
        await sleep(fault.ms / 2);
        return grants;
      }
      default:
        return super.lease(holder, asks);
    }
  }

  /** A restart: what is in memory is lost, what was stored stays. */
  async crash() {
    this.#state.abort("made to restart");
  }
}

export default {
  /** POST of `{counter, do, fault?}`: does that, and answers with what is known of the counter. */
  async fetch(request, env) {
    const { counter, do: what, fault } = await request.json();
    const id = env.COUNTERS.idFromName(counter);
    const here = about(id.toString());
    if (what === "fault") here.fault = fault;
    if (what === "bury") for (const holder of here.holders) here.dead.add(holder);
    // The call breaks with the object.
    if (what === "crash")
      await env.COUNTERS.get(id)
        .crash()
        .catch(() => undefined);
    return Response.json({ calls: here.calls, starts: here.starts });
  },
};
