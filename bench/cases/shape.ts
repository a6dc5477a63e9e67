import type { BenchRequest, Case, Contestant } from "../case.ts";

/** An order of 1 kB, as a shop would send it. */
const ORDER = JSON.stringify({
  orderId: "o-1234567890",
  customer: { id: "c-42", name: "Ann Example", email: "ann@example.org", vip: true },
  currency: "EUR",
  items: Array.from({ length: 9 }, (_, index) => ({
    sku: `SKU-${1000 + index}`,
    title: `Widget number ${index}`,
    quantity: index + 1,
    price: 12.5 + index,
  })),
  note: "Please leave it with the neighbours.",
  placedAt: "2026-11-21T19:00:00Z",
  total: 412.5,
});

const SCHEMA = {
  $schema: "http://json-schema.org/draft-04/schema#",
  type: "object",
  required: ["orderId", "customer", "items", "total"],
  properties: {
    orderId: { type: "string", pattern: "^o-[0-9]{10}$" },
    customer: {
      type: "object",
      required: ["id", "email"],
      properties: {
        id: { type: "string", minLength: 1, maxLength: 64 },
        name: { type: "string" },
        email: { type: "string", format: "email" },
        vip: { type: "boolean" },
      },
    },
    currency: { enum: ["EUR", "USD", "GBP"] },
    items: {
      type: "array",
      minItems: 1,
      maxItems: 100,
      items: {
        type: "object",
        required: ["sku", "quantity", "price"],
        properties: {
          sku: { type: "string", pattern: "^SKU-[0-9]+$" },
          title: { type: "string" },
          quantity: { type: "integer", minimum: 1 },
          price: { type: "number", minimum: 0 },
        },
        additionalProperties: false,
      },
    },
    placedAt: { type: "string" },
    total: { type: "number" },
  },
};

/** 30 lines. */
const TEMPLATE = `#set($root = $input.path('$'))
#set($customer = $root.customer)
#if($customer.vip)
#set($priority = "high")
#elseif($root.total > 1000)
#set($priority = "medium")
#else
#set($priority = "normal")
#end
{
  "id": "$root.orderId",
  "requestId": "$context.requestId",
  "stage": "$context.stage",
  "caller": "$context.identity.sourceIp",
  "priority": "$priority",
  "page": "$input.params('page')",
  "customer": {
    "id": "$customer.id",
    "name": "$util.escapeJavaScript($customer.name)",
    "email": $input.json('$.customer.email')
  },
  "lines": [
#foreach($item in $root.items)
    {
      "sku": "$item.sku", "quantity": $item.quantity,
      "price": $item.price#if($item.quantity > 5), "bulk": true#end
    }#if($foreach.hasNext),#end
#end
  ],
  "count": $root.items.size()
}`;

const requests: readonly BenchRequest[] = [
  {
    method: "POST",
    path: "/orders?page=2",
    headers: { "content-type": "application/json", "x-tenant": "t-1", "x-trace": "abc" },
    body: ORDER,
  },
];

/** A JSON body of 1 kB that is handed on, checked, and made into another shape. */
export const shape: Case = {
  name: "shape",
  contestants: [
    { name: "bare Worker", script: "bare", requests },
    orders("gateway, HTTP API", "HTTP", {}),
    orders("gateway, REST API", "REST", {}),
    {
      ...orders("parameter mapping, HTTP API", "HTTP", {
        requestParameters: {
          "overwrite:header.x-tenant-id": "tenant-${request.header.x-tenant}",
          "remove:header.x-trace": "''",
          "append:querystring.source": "$context.apiId",
        },
      }),
      budget: 1.1,
    },
    {
      ...orders("parameter mapping, REST API", "REST", {
        requestParameters: {
          "integration.request.header.x-tenant-id": "method.request.header.x-tenant",
          "integration.request.header.x-source": "'gateway'",
          "integration.request.querystring.source": "context.apiId",
        },
      }),
      budget: 1.1,
    },
    {
      ...orders(
        "validation",
        "REST",
        {},
        { requestValidator: "body", requestModels: { "application/json": "Order" } },
      ),
      budget: 1.35,
    },
    {
      ...orders("template of 30 lines", "REST", {
        type: "http",
        requestTemplates: { "application/json": TEMPLATE },
        responses: { default: { statusCode: 200 } },
      }),
      budget: 1.5,
    },
  ],
};

function orders(
  name: string,
  protocol: "HTTP" | "REST",
  integration: Readonly<Record<string, unknown>>,
  route: Readonly<Record<string, unknown>> = {},
): Contestant {
  return {
    name,
    script: "gateway",
    requests,
    vars: { ACCESS_LOG: "off" },
    entries: (origin) => ({
      "apis/default": { protocol, requestValidators: { body: { validateRequestBody: true } } },
      "apis/default/models/Order": { schema: SCHEMA },
      "apis/default/stages/$default": {},
      "apis/default/routes/POST /orders": {
        integration: { type: "http_proxy", uri: `${origin}/orders`, ...integration },
        ...route,
      },
    }),
  };
}
