/** Every method on values of every kind. Each template stands alone. */

const TEXTS = ["", "abc", "Hello World", " a b ", "a,b,,c,,", "äÖ€", "aXbXc", "12"];
const OF_TEXTS = [
  "length()|isEmpty()|trim()|strip()|toUpperCase()|toLowerCase()|hashCode()|charAt(1)|substring(1)|substring(0,2)|substring(5)",
  "indexOf('b')|indexOf('b',2)|indexOf('')|indexOf(98)|lastIndexOf('b')|lastIndexOf('b',1)|contains('b')|contains(5)",
  "startsWith('a')|startsWith('b',1)|endsWith('c')|equals('abc')|equals(5)|equalsIgnoreCase('ABC')|compareTo('abd')",
  "compareToIgnoreCase('ABD')|concat('z')|concat(5)|replace('b','Q')|replace('','-')|replaceAll('[a-c]','<$0>')",
  "replaceAll('(.)b','$1$1')|replaceFirst('b','Q')|replaceAll('b','$')|replaceAll('','-')|replaceAll('b*','-')",
  "replaceAll('\\s+','_')|replaceAll('[^\\w]','')|replaceAll('(?<n>b)','[${n}]')|matches('[a-z]+')|matches('(?i)ABC')",
  "matches('.*b.*')|split('X').size()|split('\\.').size()|repeat(2)|repeat(-1)|isBlank()|intern()|toString()|valueOf(5)",
  "valueOf(1.5)|join('-',['a','b'])|format('%s-%d', 'x', 5)|format('%5d|%-5s|%05d|%.2f|%x', 1, 'a', 42, 1.5, 255)",
  "contentEquals('abc')|codePointAt(0)|subSequence(0,1)|regionMatches(0,'abc',0,2)|regionMatches(true,0,'ABC',0,2)",
  "toCharArray().size()|get(0)|size()|empty|Empty|blank|foo|foo()|stripLeading()|stripTrailing()|substring('1')|length",
].flatMap((row) => row.split(/\|(?![%-])/));
const SPLITS = [
  "split(',')",
  "split(',',2)",
  "split(',',-1)",
  "split('')",
  "split('b')",
  "split('[,b]')",
  "toCharArray()",
];

const VALUES = [
  "[1,2,3]",
  "['a','b','a']",
  "[1.5,true,'x',[1],{'k':1}]",
  "[]",
  "[1..4]",
  "{'a':1,'b':'x'}",
  "{}",
  "5",
  "-7",
  "2.5",
  "true",
];
const OF_VALUES = [
  "size()|isEmpty()|get(0)|get(1)|get('a')|get(9)|add('z')|add(0,'z')|add(9,'z')|addAll([7,8])|remove(0)|remove('a')",
  "contains(1)|contains('a')|indexOf(2)|indexOf('b')|lastIndexOf('a')|set(0,'q')|subList(0,1)|subList(1,9)|clear()",
  "containsKey('a')|containsValue(1)|put('n',5)|put('a',9)|putAll({'q':1})|keySet()|values()|entrySet()",
  "getOrDefault('zz','d')|putIfAbsent('a',7)|putIfAbsent('b2',7)|containsAll([1])|removeAll([1,'a'])|retainAll([1,'a'])",
  "equals([1,2,3])|toString()|intValue()|longValue()|doubleValue()|equals(5)|parseInt('12')|parseInt('x')|parseInt('ff',16)",
  "valueOf('3')|valueOf(3)|toBinaryString(5)|max(1,2)|parseDouble('1.5')|booleanValue()|parseBoolean('TRUE')|empty|size|k|a",
  "iterator().next()|toArray().size()|keySet().size()|keySet().contains('a')|values().size()|entrySet().size()",
  "entrySet().iterator().next().key|isEmpty().foo|length()|first|infinite|replace('a','w')|remove('a','x')",
].flatMap((row) => row.split("|"));
const INDEXES = ["[0]", "[-1]", "['a']", "[9]"];

const OPERATORS = ["+", "-", "*", "/", "%", "==", "!=", "<", ">="];
const OPERANDS = ["5", "-3", "0", "2.5", "2147483647", "'a'", "'5'", "true", "[1]", "{'a':1}", "$u"];

export const METHODS: readonly string[] = [
  ...TEXTS.flatMap((text) => [
    ...OF_TEXTS.map((call) => `#set($s = "${text}")[$s.${call}]`),
    ...SPLITS.map((call) => `#set($s = "${text}")#foreach($p in $s.${call})[$p]#end`),
  ]),
  ...VALUES.flatMap((value) => [
    ...OF_VALUES.map((call) => `#set($v = ${value})[$v.${call}] $v`),
    ...INDEXES.map((index) => `#set($v = ${value})[$v${index}]`),
  ]),
  ...OPERATORS.flatMap((operator) =>
    OPERANDS.flatMap((left) =>
      OPERANDS.map(
        (right) => `#set($r = ${left} ${operator} ${right})[$r]#if(${left} ${operator} ${right})T#end`,
      ),
    ),
  ),
];
