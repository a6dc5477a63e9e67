/** Documents by name, as their texts: what the JSONPath comparisons use, and one as a gateway sees. */
export const DOCUMENTS: Readonly<Record<string, string>> = {
  store:
    '{"store":{"book":[{"category":"reference","author":"Nigel Rees","title":"Sayings of the Century","price":8.95},{"category":"fiction","author":"Evelyn Waugh","title":"Sword of Honour","price":12.99},{"category":"fiction","author":"Herman Melville","title":"Moby Dick","isbn":"0-553-21311-3","price":8.99},{"category":"fiction","author":"J. R. R. Tolkien","title":"The Lord of the Rings","isbn":"0-395-19395-8","price":22.99}],"bicycle":{"color":"red","price":19.95}},"expensive":10}',
  letters: '["first","second","third","forth","fifth"]',
  one: '["first"]',
  empty_list: "[]",
  empty_map: "{}",
  null: "null",
  text: '"text"',
  number: "1",
  nested_lists: "[[1,2],[3,[4,5]],[],[6]]",
  keys: '{"key":"value","another":{"key":[1,{"key":null}]},"":"empty","a.b":"dot","a b":"space","*":"star","$":"dollar","@":"at","a-b":"dash","ü":"umlaut","0":"zero","-1":"minus","\'":"quote","\\"":"double","\\\\":"back","a]b":"bracket","length":3,"true":1,"null":2,"a,b":"comma",":":"colon","..":"dots","length()":4}',
  items:
    '{"items":[{"id":1,"name":"a","tags":["x","y"],"price":1.5,"ok":true},{"id":2,"name":"b","tags":[],"price":2,"ok":false,"parent":{"id":1}},{"id":3,"name":"null","price":10.0,"ok":null},{"id":4}],"limit":2,"pick":"b","flag":true,"none":null,"ids":[1,3]}',
  kinds: '[1,2.0,3e2,"1","2",true,false,null,"null","",[],{},[1],{"key":1},"true",12345678901234567890]',
  keyed:
    '[{"key":1},{"key":2.0},{"key":"1"},{"key":true},{"key":null},{"key":"null"},{"key":[]},{"key":[1,2]},{"key":{}},{"key":{"a":1}},{"other":1},{}]',
  texts:
    '[{"key":"a"},{"key":"b"},{"key":"it\'s"},{"key":"a b"},{"key":""},{"key":"/x/"},{"key":"A"},{"key":"ab\\n"},{"other":"a"}]',
  numbers:
    '[{"key":-1},{"key":0},{"key":0.5},{"key":1},{"key":10},{"key":100.0},{"key":1e3},{"key":12345678901234567890}]',
  event:
    '{"Records":[{"eventID":"1","eventName":"INSERT","dynamodb":{"Keys":{"Id":{"N":"101"}},"NewImage":{"Message":{"S":"New item!"},"Id":{"N":"101"}}}},{"eventID":"2","eventName":"REMOVE","dynamodb":{"Keys":{"Id":{"N":"102"}}}}],"Count":2,"url":"https://example.com/a"}',
  deep: '{"a":{"b":{"c":[{"a":{"b":1}},{"a":{"b":2}}],"a":{"b":3}}},"b":[{"a":[{"b":4}]}]}',
  mixed: '[{"a":[{"b":1},{"b":2}]},{"a":[]},{"a":[{"b":3}]}]',
  gaps: '[{"a":{"b":1}},{"a":{"c":2}},{"d":3},4,null]',
};
