import type { Case } from "../case.ts";
import { access } from "./access.ts";
import { cache } from "./cache.ts";
import { lambdaFunction } from "./function.ts";
import { notFound } from "./not-found.ts";
import { plainProxy } from "./plain-proxy.ts";
import { routes } from "./routes.ts";
import { shape } from "./shape.ts";
import { throttle } from "./throttle.ts";

export const cases: readonly Case[] = [
  plainProxy,
  lambdaFunction,
  notFound,
  routes,
  access,
  throttle,
  cache,
  shape,
];
