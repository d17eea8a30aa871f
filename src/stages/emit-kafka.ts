import { Type } from "@sinclair/typebox";
import { dateFormat, outputFormat } from "./emit-fields.ts";
import { computedText, connection, document, expression, fields, flag, orExpression, word } from "./values.ts";

/** The fields of `$emit` to Kafka. Source: asp-language section 1.7. */
export const emitKafkaArgs = fields(
  {
    connectionName: connection(["Kafka"], "A Kafka connection."),
    topic: computedText("Topic, or an expression that gives it."),
    schemaRegistry: Type.Optional(
      fields(
        {
          connectionName: connection(["SchemaRegistry"], "A SchemaRegistry connection."),
          valueSchema: orExpression(
            fields(
              {
                type: word(["avro"], "Kind of schema, in lower case.", { mistaken: { Avro: "write `avro`" } }),
                schema: document("The Avro declaration."),
                options: Type.Optional(
                  fields(
                    {
                      autoRegisterSchemas: Type.Optional(
                        flag("Register a schema that is new; default true. With false its documents are dead letters."),
                      ),
                      subjectNameStrategy: Type.Optional(
                        word(
                          ["TopicNameStrategy", "RecordNameStrategy", "TopicRecordNameStrategy"],
                          "What a new schema is called; default TopicNameStrategy.",
                        ),
                      ),
                    },
                    { description: "How schemas are registered." },
                  ),
                ),
              },
              { description: "Schema of the values, or an expression that gives it." },
            ),
          ),
        },
        { description: "Avro instead of JSON." },
      ),
    ),
    config: Type.Optional(
      fields(
        {
          acks: Type.Optional(word(["all", "-1", "0", "1"], "Acknowledgements to wait for, as a text; default all.")),
          compression_type: Type.Optional(word(["none", "gzip", "snappy", "lz4", "zstd"], "Default none.")),
          dateFormat: dateFormat(),
          headers: Type.Optional(expression("An object, or an array of { k, v }.", { takes: "headers" })),
          key: Type.Optional(expression("Key of the message.", { parts: { field: "key", format: "keyFormat" } })),
          keyFormat: Type.Optional(
            word(["binData", "string", "json", "int", "long", "double"], "How the key is written; needed with a key."),
          ),
          outputFormat: outputFormat(),
          tombstoneWhen: Type.Optional(expression("Where true, the message's value is null.", { takes: "flag" })),
        },
        { description: "How messages are written." },
      ),
    ),
  },
  { mistaken: { kafka: "write its fields directly below `$emit`" } },
);
