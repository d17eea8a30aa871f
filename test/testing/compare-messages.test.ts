import { Binary } from "bson";
import { describe, expect, test } from "vitest";
import { checkMessage, toNewMessage } from "../../src/testing/case/message.ts";
import { compareMessages, messageIds } from "../../src/testing/compare/compare-messages.ts";
import { normalizeMessage, showValue, toMessageForm } from "../../src/testing/compare/message-form.ts";
import { parseEjson } from "../../src/testing/compare/parse-ejson.ts";
import { describeDifference } from "../../src/testing/report/describe-difference.ts";

const utf8 = new TextEncoder();

/** A message as it stands in a file under given/, on its way to the topic and back. */
function through(text: string) {
  const document = parseEjson(text, "stored") as Record<string, unknown>;
  expect(checkMessage(document, {})).toEqual([]);
  const { value, ...rest } = toNewMessage("orders", document);
  return { bytes: value, ...rest, form: toMessageForm({ ...rest, value: showValue(value) }) };
}

const wanted = (text: string) => parseEjson(text, "expected") as Record<string, unknown>;
const sent = (...texts: readonly string[]) => texts.map((text) => through(text).form);
const compare = (expected: readonly string[], actual: readonly string[], once = false) =>
  compareMessages(expected.map(wanted), sent(...actual), { once });

describe("a message of a fixture becomes bytes", () => {
  test.each([
    ["an object", '{"value":{"a":1,"b":{"$numberLong":"2"}}}', '{"a":1,"b":{"$numberLong":"2"}}'],
    ["a list", '{"value":[1,"a",null]}', '[1,"a",null]'],
    ["a text, which is JSON", '{"value":"a"}', '"a"'],
    ["binary data as it is", '{"value":{"$binary":{"base64":"bm8ganNvbg==","subType":"00"}}}', "no json"],
  ])("%s", (_name, text, bytes) => {
    expect(new TextDecoder().decode(through(text).bytes ?? undefined)).toBe(bytes);
  });

  test.each(['{"value":null}', '{"key":"a"}'])("%s is a tombstone", (text) => {
    expect(through(text).bytes).toBeNull();
  });

  test.each([
    ['"o1"', "o1"],
    ['{"id":1,"at":{"$date":"2026-01-01T00:00:00Z"}}', '{"id":1,"at":{"$date":"2026-01-01T00:00:00Z"}}'],
    ["5", "5"],
    ['{"$binary":{"base64":"AAAABQ==","subType":"00"}}', "\u0000\u0000\u0000\u0005"],
  ])("with the key %s", (key, bytes) => {
    expect(new TextDecoder().decode(through(`{"key":${key}}`).key)).toBe(bytes);
  });

  test.each(['"2026-01-01T00:00:00Z"', '{"$date":"2026-01-01T00:00:00Z"}', "1767225600000"])(
    "at the time %s",
    (timestamp) => {
      expect(through(`{"value":1,"timestamp":${timestamp}}`).timestampMs).toBe(Date.UTC(2026, 0, 1));
    },
  );

  test("in the partition and with the headers that it names", () => {
    const list = through('{"value":1,"partition":2,"headers":[{"k":"a","v":"1"},{"k":"a","v":null}]}');
    expect(list).toMatchObject({
      partition: 2,
      headers: [
        { key: "a", value: utf8.encode("1") },
        { key: "a", value: null },
      ],
    });
    expect(through('{"value":1,"headers":{"b":"x"}}').headers).toEqual([{ key: "b", value: utf8.encode("x") }]);
  });
});

describe("a message is shown as a fixture writes it:", () => {
  test.each([
    '{"key":"o1","value":{"a":1}}',
    '{"key":{"id":1},"value":[1],"headers":{"type":"A"}}',
    '{"value":null,"headers":[{"k":"a","v":"1"},{"k":"a","v":null}]}',
    '{"key":{"$binary":{"base64":"AAAABQ==","subType":"00"}},"value":{"a":1},"partition":1}',
  ])("%s", (text) => {
    expect(compareMessages([wanted(text)], [through(text).form], { once: false })).toEqual([]);
    expect(through(text).form).toEqual(normalizeMessage(parseEjson(text, "stored") as Record<string, unknown>));
  });

  test("bytes that are neither JSON nor text stay bytes", () => {
    expect(showValue(utf8.encode("no json"))).toEqual(new Binary(utf8.encode("no json")));
    expect(showValue(new Uint8Array([0xff]))).toEqual(new Binary(new Uint8Array([0xff])));
  });
  test("JSON whose names Extended JSON takes for its own is read as JSON", () => {
    expect(showValue(utf8.encode('{"$oid":"x"}'))).toEqual({ $oid: "x" });
  });
});

describe("emitted messages are compared", () => {
  const a = ['{"key":"a","value":{"n":1}}', '{"key":"a","value":{"n":2}}', '{"key":"a","value":{"n":3}}'] as const;
  const b = '{"key":"b","value":{"n":1}}';

  test("in order per key, whatever the order between keys", () => {
    expect(compare([...a, b], [b, ...a])).toEqual([]);
    expect(compare([a[0], b, a[1]], [a[1], b, a[0]])).toMatchObject([
      { kind: "different", _id: { key: "a", position: 1 }, path: "value.n", expected: 1 },
      { kind: "different", _id: { key: "a", position: 2 }, path: "value.n", expected: 2 },
    ]);
  });

  test("in one order where they have no key", () => {
    expect(compare(['{"value":1}', '{"value":2}'], ['{"value":2}', '{"value":1}'])).toHaveLength(2);
  });

  test("so that one which is missing in the middle is one difference", () => {
    expect(compare(a, [a[0], a[2]])).toMatchObject([{ kind: "missing", _id: { key: "a", position: 2 }, path: "" }]);
    expect(compare([a[0], a[2]], a)).toMatchObject([{ kind: "extra", _id: { key: "a", position: 2 }, path: "" }]);
  });

  test("with their headers, and with what the expected one says of time and partition", () => {
    const full = '{"key":"a","value":1,"headers":{"t":"x"},"timestamp":5,"partition":0}';
    expect(compare(['{"key":"a","value":1,"headers":{"t":"x"}}'], [full])).toEqual([]);
    expect(compare(['{"key":"a","value":1,"headers":{"t":"y"},"timestamp":6,"partition":1}'], [full])).toMatchObject([
      { path: "headers.t" },
      { path: "timestamp" },
      { path: "partition" },
    ]);
    expect(compare(['{"key":"a","value":1}'], [full])).toMatchObject([{ kind: "extra", path: "headers" }]);
  });

  test("a tombstone is no message with a value", () => {
    expect(compare(['{"key":"a","value":null}'], ['{"key":"a"}'])).toEqual([]);
    expect(compare(['{"key":"a","value":null}'], ['{"key":"a","value":{}}'])).toMatchObject([{ path: "value" }]);
  });

  test("equal repeats count once where messages come again, in the order of their first occurrence", () => {
    expect(compare([a[0], a[1]], [a[0], a[1], a[0], a[1]], true)).toEqual([]);
    expect(compare([a[0], a[1]], [a[0], a[1], a[0], a[1]])).toHaveLength(2);
    expect(compare([a[0], a[1]], [a[1], a[0], a[1]], true)).toHaveLength(2);
  });

  test("and a difference names topic, key, position and field", () => {
    const [one] = compare([a[0]], [a[1]]);
    expect(one && describeDifference({ ...one, collection: "topic.orders", expected: 1, actual: 2 })).toBe(
      'topic.orders, message 1 of key "a" `value.n`: expected 1, found 2',
    );
    const [keyless] = compare(['{"value":{"n":1}}'], []);
    expect(keyless && describeDifference({ ...keyless, collection: "topic.orders", expected: 1 })).toBe(
      "topic.orders, message 1 without a key is missing, expected 1",
    );
  });

  test("by which ones they are", () => {
    expect(messageIds([a[0], b, a[1], '{"value":1}'].map(wanted))).toEqual([
      { key: "a", position: 1 },
      { key: "b", position: 1 },
      { key: "a", position: 2 },
      { position: 1 },
    ]);
  });
});
