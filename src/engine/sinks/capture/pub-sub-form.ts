import type { Document } from "bson";
import { toCaptureFolder } from "../../core/capture-path.ts";
import { computedOptions, kindOf, textReader, type TextOrReason } from "../../core/computed-text.ts";
import { createDynamicTargets } from "../../core/dynamic-targets.ts";
import { fieldOf } from "../../core/exact-bson.ts";
import { toOutputJson } from "../../core/formats/output-json.ts";
import type { PubSubPlan } from "../../core/plan-capture.ts";
import { isLiteralText } from "../../core/plan-sink.ts";
import { lines, type CaptureExpressions, type CaptureForm } from "./capture-form.ts";

/** Source: the quotas of Google Cloud Pub/Sub. */
const limits = { message: 10_000_000, orderingKey: 1024, attributeValue: 1024 };

export function pubSubExpressions({ topic, orderingKey, attributes }: PubSubPlan): CaptureExpressions {
  // A name of an attribute need not be one that a document may have.
  const values = Object.values(attributes);
  const computed = values.every(isLiteralText) ? undefined : values;
  return computedOptions({ topic, orderingKey, attributes: computed });
}

/** Messages of a topic: `{orderingKey, attributes, data}`, the first two where the sink has them. */
export function createPubSubForm(plan: PubSubPlan): CaptureForm {
  const readTopic = textReader("$emit", "topic", plan.topic);
  const readKey = plan.orderingKey === undefined ? undefined : textReader("$emit", "orderingKey", plan.orderingKey);
  const dynamicTargets = createDynamicTargets("$emit");
  const isDynamic = !isLiteralText(plan.topic);
  const names = Object.keys(plan.attributes);

  /** As JSON. */
  const readAttributes = (values: Document | undefined): TextOrReason => {
    const found = fieldOf(values, "attributes") as readonly unknown[] | undefined;
    const attributes = new Map<string, string>();
    for (const [at, name] of names.entries()) {
      const value = found === undefined ? plan.attributes[name] : found[at];
      // An empty attribute is one.
      if (typeof value !== "string")
        return { reason: `$emit.attributes.${name} must evaluate to a string, found ${kindOf(value)}` };
      if (Buffer.byteLength(value) > limits.attributeValue)
        return { reason: tooLarge(`$emit.attributes.${name}`, limits.attributeValue) };
      attributes.set(name, value);
    }
    return { text: JSON.stringify(Object.fromEntries(attributes)) };
  };

  return {
    resolve: ({ document, values }) => {
      const [topic, key] = [readTopic(values), readKey?.(values)];
      if ("reason" in topic) return topic;
      if (key !== undefined && "reason" in key) return key;
      if (key !== undefined && Buffer.byteLength(key.text) > limits.orderingKey)
        return { reason: tooLarge("$emit.orderingKey", limits.orderingKey) };
      const attributes = readAttributes(values);
      if ("reason" in attributes) return attributes;
      if (isDynamic) dynamicTargets.add(topic.text);
      const found = toCaptureFolder(plan.projectId, topic.text);
      if ("reason" in found) return found;
      return {
        folder: found.folder,
        document,
        ...(key === undefined ? {} : { key: key.text }),
        ...(names.length === 0 ? {} : { attributes: attributes.text }),
      };
    },
    encode: ({ document, key, attributes }) => {
      const members = [
        ...(key === undefined ? [] : [`"orderingKey":${JSON.stringify(key)}`]),
        ...(attributes === undefined ? [] : [`"attributes":${attributes}`]),
        `"data":${toOutputJson(document, plan.json)}`,
      ];
      const message = `{${members.join(",")}}`;
      return Buffer.byteLength(message) > limits.message
        ? { reason: tooLarge("a message of Pub/Sub", limits.message) }
        : message;
    },
    format: lines,
    writeOptions: undefined,
  };
}

function tooLarge(what: string, bytesMax: number): string {
  return `${what} may have ${bytesMax} bytes`;
}
