import type { Case } from "./java.ts";

/** A template as people write them, with a payload that it is for. */
export interface Realistic extends Case {
  readonly name: string;
}

const ORDER = JSON.stringify({
  id: "o-17",
  customer: { name: 'Ada "the first" O\'Hara', email: "ada@example.com", tags: ["vip", "early"] },
  items: [
    { sku: "A-1", quantity: 2, price: 9.5, note: null },
    { sku: "B/2", quantity: 1, price: 20, note: "fragile" },
  ],
  total: 39,
  express: true,
});

const REQUEST = {
  params: {
    path: { id: "42", proxy: "a/b" },
    querystring: { limit: "10", q: "x y&z" },
    header: { Accept: "application/json", "X-Trace": "t-1", Authorization: "Bearer abc.def" },
  },
  context: {
    requestId: "5f1c",
    httpMethod: "POST",
    stage: "prod",
    apiId: "api1",
    resourcePath: "/orders/{id}",
    requestTimeEpoch: 1700000000000,
    identity: { sourceIp: "192.0.2.7", userAgent: "curl/8", user: null },
    authorizer: { principalId: "user|1", tenant: "t9", claims: { sub: "s-1", email: "ada@example.com" } },
  },
  stageVariables: { table: "orders", url: "https://example.com/q" },
} as const;

const PASS_THROUGH = `##  See the guide: this template passes through all parameters
#set($allParams = $input.params())
{
"body-json" : $input.json('$'),
"params" : {
#foreach($type in $allParams.keySet())
    #set($params = $allParams.get($type))
"$type" : {
    #foreach($paramName in $params.keySet())
    "$paramName" : "$util.escapeJavaScript($params.get($paramName))"
        #if($foreach.hasNext),#end
    #end
}
    #if($foreach.hasNext),#end
#end
},
"stage-variables" : {
#foreach($key in $stageVariables.keySet())
"$key" : "$util.escapeJavaScript($stageVariables.get($key))"
    #if($foreach.hasNext),#end
#end
},
"context" : {
    "account-id" : "$context.identity.accountId",
    "api-id" : "$context.apiId",
    "authorizer-principal-id" : "$context.authorizer.principalId",
    "http-method" : "$context.httpMethod",
    "stage" : "$context.stage",
    "source-ip" : "$context.identity.sourceIp",
    "user" : "$context.identity.user",
    "request-id" : "$context.requestId",
    "resource-path" : "$context.resourcePath"
    }
}
`;

const LAMBDA_EVENT = `#define( $loop )
  {
  #foreach($key in $map.keySet())
      #set( $k = $util.escapeJavaScript($key) )
      #set( $v = $util.escapeJavaScript($map.get($key)).replaceAll("\\\\'", "'"))
      "$k":
        "$v"
        #if( $foreach.hasNext ) , #end
  #end
  }
#end
{
  #set( $body = $input.json("$") )
  "body": #if( $body && $body.length() > 0 ) $body #else {} #end,
  "method": "$context.httpMethod",
  "principalId": "$context.authorizer.principalId",
  "stage": "$context.stage",
  "cognitoPoolClaims" : {
     "sub": "$context.authorizer.claims.sub"
  },
  #set( $map = $input.params().header )
  "headers": $loop,
  #set( $map = $input.params().querystring )
  "query": $loop,
  #set( $map = $input.params().path )
  "path": $loop,
  #set( $map = $context.identity )
  "identity": $loop,
  #set( $map = $stageVariables )
  "stageVariables": $loop,
  "requestPath": "$context.resourcePath"
}
`;

const STATE_MACHINE = `#set($inputString = '')
#set($includeHeaders = true)
#set($includeQueryString = true)
#set($includePath = false)
#set($allParams = $input.params())
{
    "stateMachineArn": "arn:aws:states:eu-west-1:123456789012:stateMachine:m",
    #set($inputString = "$inputString,@@body@@: $input.body")
    #if ($includeHeaders)
        #set($inputString = "$inputString, @@header@@:{")
        #foreach($paramName in $allParams.header.keySet())
            #set($inputString = "$inputString @@$paramName@@: @@$util.escapeJavaScript($allParams.header.get($paramName))@@")
            #if($foreach.hasNext)
                #set($inputString = "$inputString,")
            #end
        #end
        #set($inputString = "$inputString }")
    #end
    #if ($includeQueryString)
        #set($inputString = "$inputString, @@querystring@@:{")
        #foreach($paramName in $allParams.querystring.keySet())
            #set($inputString = "$inputString @@$paramName@@: @@$util.escapeJavaScript($allParams.querystring.get($paramName))@@")
            #if($foreach.hasNext)
                #set($inputString = "$inputString,")
            #end
        #end
        #set($inputString = "$inputString }")
    #end
    #set($requestContext = "{@@stage@@:@@$context.stage@@}")
    #if($requestContext && !$requestContext.empty)
        #set($inputString = "$inputString,")
        #set($inputString = "$inputString @@requestContext@@: $requestContext")
    #end
    #set($inputString = "$inputString}")
    #set($inputString = $inputString.replaceAll("@@",'"'))
    #set($len = $inputString.length() - 1)
    "input": "{$util.escapeJavaScript($inputString.substring(1,$len)).replaceAll("\\\\'","'")}"
}
`;

const STATE_MACHINE_RESPONSE = `#set($inputRoot = $input.path('$'))
#if($input.path('$.status').toString().equals("FAILED"))
#set($context.responseOverride.status = 500)
{
"error": "$input.path('$.error')",
"cause": "$input.path('$.cause')"
}
#else
{
"id": "$context.extendedRequestId",
"output": "$util.escapeJavaScript($input.path('$.output'))"
}
#end
`;

const DYNAMO_PUT = `#set($inputRoot = $input.path('$'))
{
  "TableName": "$stageVariables.table",
  "Item": {
    "id": {"S": "$context.requestId"},
    "customer": {"S": "$util.escapeJavaScript($inputRoot.customer.name).replaceAll("\\\\'", "'")"},
    "total": {"N": "$inputRoot.total"},
    "express": {"BOOL": $inputRoot.express},
    "skus": {"SS": [#foreach($item in $inputRoot.items)"$item.sku"#if($foreach.hasNext), #end#end]},
    "items": {"L": [
#foreach($item in $inputRoot.items)
      {"M": {"sku": {"S": "$item.sku"}, "quantity": {"N": "$item.quantity"}#if("$!item.note" != ""), "note": {"S": "$item.note"}#end}}#if($foreach.hasNext),#end

#end
    ]}
  },
  "ConditionExpression": "attribute_not_exists(id)"
}
`;

const DYNAMO_ITEMS = JSON.stringify({
  Count: 2,
  Items: [
    { id: { S: "1" }, total: { N: "5" }, tags: { L: [{ S: "a" }, { S: "b" }] } },
    { id: { S: "2" }, total: { N: "7.5" } },
  ],
});

const DYNAMO_RESPONSE = `#set($inputRoot = $input.path('$'))
{
    "count": $inputRoot.Count,
    "orders": [
        #foreach($elem in $inputRoot.Items) {
            "id": "$elem.id.S",
            "total": $elem.total.N,
            "tags": [#foreach($tag in $elem.tags.L)"$tag.S"#if($foreach.hasNext),#end#end]
        }#if($foreach.hasNext),#end
        #end
    ]
}`;

const ERROR_BODY = `#set($inputRoot = $input.path('$'))
#set($error = $util.parseJson($input.path('$.errorMessage')))
{
  "code": "$error.code",
  "message": "$util.escapeJavaScript($error.message)",
#if($error.details.size() > 0)
  "details": [#foreach($d in $error.details){"field": "$d.field", "reason": "$d.reason"}#if($foreach.hasNext),#end#end],
#end
  "requestId": "$context.requestId"
}`;

const RESHAPE = `#set($root = $input.path('$'))
#set($sum = 0)
#set($names = [])
#foreach($item in $root.items)
#set($line = $item.price * $item.quantity)
#set($sum = $sum + $line)
#set($ignored = $names.add($item.sku.toLowerCase()))
#end
{"sum": $sum, "names": "$names", "first": "$names[0]", "count": $names.size()#if($root.items.size() > 1), "many": true#end}`;

const MACROS = `#macro(field $name $value)
"$name": #if("$!value" == "")null#{else}"$util.escapeJavaScript($value)"#end
#end
{
  #field("id" $input.path('$.id')),
  #field("email" $input.path('$.customer.email')),
  #field("phone" $input.path('$.customer.phone'))
}`;

const CORS = `#set($origin = $input.params().header.get("Origin"))
#if($origin == "") #set($origin = $input.params().header.get("origin")) #end
#if($origin.matches("https://.*\\\\.example\\\\.com"))
  #set($context.responseOverride.header.Access-Control-Allow-Origin = $origin)
#end
{"allowed": "$context.responseOverride.header.get('Access-Control-Allow-Origin')"}`;

const SQS =
  "Action=SendMessage&MessageGroupId=$context.authorizer.tenant&MessageBody=$util.urlEncode($input.json('$'))" +
  "&MessageAttribute.1.Name=trace&MessageAttribute.1.Value.StringValue=$util.urlEncode($input.params('X-Trace'))";

const EVENT_BRIDGE = `#set($context.requestOverride.header.X-Amz-Target = "AWSEvents.PutEvents")
#set($context.requestOverride.header.Content-Type = "application/x-amz-json-1.1")
#set($inputRoot = $input.path('$'))
{"Entries": [{"Source": "orders", "DetailType": "created",
  "Detail": "$util.escapeJavaScript($input.json('$.customer')).replaceAll("\\\\'", "'")",
  "Time": "$context.requestTimeEpoch", "Resources": [#foreach($i in $inputRoot.items)"$i.sku"#if($foreach.hasNext), #end#end]}]}`;

const TOKEN = `#set($header = $input.params('Authorization'))
#set($parts = $header.split(" "))
#if($parts.size() == 2 && $parts[0].equalsIgnoreCase("bearer"))
{"token": "$parts[1]", "claims": "$parts[1].split("\\\\.").get(0)"}
#else
{"token": null}
#end`;

export const REALISTIC: readonly Realistic[] = [
  { name: "the guide's pass-through", template: PASS_THROUGH, body: ORDER, ...REQUEST },
  { name: "the guide's pass-through without a payload", template: PASS_THROUGH, body: "", ...REQUEST },
  { name: "a function's event", template: LAMBDA_EVENT, body: ORDER, ...REQUEST },
  { name: "a function's event without a payload", template: LAMBDA_EVENT, body: "", ...REQUEST },
  { name: "a state machine's start", template: STATE_MACHINE, body: ORDER, ...REQUEST },
  {
    name: "a state machine's result",
    template: STATE_MACHINE_RESPONSE,
    body: JSON.stringify({ status: "SUCCEEDED", output: '{"ok":"it\'s"}' }),
    ...REQUEST,
  },
  {
    name: "a state machine's failure",
    template: STATE_MACHINE_RESPONSE,
    body: JSON.stringify({ status: "FAILED", error: "E", cause: "c" }),
    ...REQUEST,
  },
  { name: "an item into DynamoDB", template: DYNAMO_PUT, body: ORDER, ...REQUEST },
  { name: "items out of DynamoDB", template: DYNAMO_RESPONSE, body: DYNAMO_ITEMS, ...REQUEST },
  {
    name: "an error's body",
    template: ERROR_BODY,
    body: JSON.stringify({
      errorMessage: JSON.stringify({
        code: "E1",
        message: "it's bad",
        details: [{ field: "f", reason: "r" }],
      }),
    }),
    ...REQUEST,
  },
  {
    name: "an error's body without details",
    template: ERROR_BODY,
    body: JSON.stringify({ errorMessage: JSON.stringify({ code: "E2", message: "x", details: [] }) }),
    ...REQUEST,
  },
  { name: "a list reshaped", template: RESHAPE, body: ORDER, ...REQUEST },
  { name: "macros for fields", template: MACROS, body: ORDER, ...REQUEST },
  {
    name: "CORS for a known origin",
    template: CORS,
    body: "",
    ...REQUEST,
    params: { ...REQUEST.params, header: { Origin: "https://app.example.com" } },
  },
  { name: "CORS without an origin", template: CORS, body: "", ...REQUEST },
  { name: "a message into SQS", template: SQS, body: ORDER, ...REQUEST },
  { name: "an event into EventBridge", template: EVENT_BRIDGE, body: ORDER, ...REQUEST },
  { name: "a token taken apart", template: TOKEN, body: "", ...REQUEST },
];
