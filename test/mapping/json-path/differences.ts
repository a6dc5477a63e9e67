/** Where a path is read otherwise than by Jayway 2.0, whatever the document, and why. */
export const DIFFERENCES: ReadonlyMap<string, string> = new Map([
  // What 2.0 reads as nobody means it.
  ["$[(1+1)]", "2.0 takes the first digits it finds for an index"],
  ["$['\\']", "a backslash before a quote escapes it; 2.0 has no escapes in names"],
  ["$.'", "a quote in a name without brackets belongs to the name"],
  ["$.'key'", "a quote in a name without brackets belongs to the name"],
  ["'key'", "a quote in a name without brackets belongs to the name"],
  ["$['a']$", "2.0 passes over a $ in the middle"],
  ["$....a", "two scans in a row never find anything, so they are refused"],
  ["$['key','another'].key", "several names in the middle never find anything, so they are refused"],
  ["$.items[?($.pick)].id", "$ is the root; 2.0 takes it for the item when it asks whether something exists"],
  ["$.items[?(== 1)].id", "an operator has two sides"],
  ["$.items[?(@.id ==)].id", "an operator has two sides"],
  ["$.items[?(@.id =~ 'a')].id", "=~ has a pattern; 2.0 throws a ClassCastException at reading"],
  ["$[?(@.key == /x/)]", "a pattern goes with =~; it never equals anything"],
  ["$[?(@.key != /x/)]", "a pattern goes with =~; it never equals anything"],
  ["$[?(@.key < /x/)]", "a pattern goes with =~; it never equals anything"],
  ["$[?(@.key >= /x/)]", "a pattern goes with =~; it never equals anything"],
  ["$[?(@.key == [1,2])]", "a list is no value to compare with; 2.0 takes it for the text [1,2]"],
  ["$[?(@.key != [1,2])]", "a list is no value to compare with; 2.0 takes it for the text [1,2]"],
  ["$[?(@.key < [1,2])]", "a list is no value to compare with; 2.0 takes it for the text [1,2]"],
  ["$[?(@.key >= [1,2])]", "a list is no value to compare with; 2.0 takes it for the text [1,2]"],
  // What 2.0 refuses, and later versions read.
  ["$.store.book[?(@.category in ['reference','other'])].title", "operators that are words"],
  ["$.items[?(@.name == 'a || b')].id", "2.0 splits a filter inside of texts"],
  ["$.items[?(@.name == ']')].id", "2.0 ends a filter inside of texts"],
  ["$[?(@.key =~ /it's/)]", "2.0 takes a quote in a pattern for the start of a text"],
]);
