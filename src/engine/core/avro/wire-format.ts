/** What stands before an Avro value: a zero, and the id of its schema, big-endian. Source: Confluent's wire format. */
const headerBytes = 5;

export function splitWireFormat(value: Uint8Array): { readonly id: number; readonly payload: Uint8Array } | undefined {
  if (value.length < headerBytes || value[0] !== 0) return undefined;
  const id = new DataView(value.buffer, value.byteOffset, value.byteLength).getInt32(1);
  return { id, payload: value.subarray(headerBytes) };
}

export function joinWireFormat(id: number, payload: Uint8Array): Uint8Array {
  const value = new Uint8Array(headerBytes + payload.length);
  new DataView(value.buffer).setInt32(1, id);
  value.set(payload, headerBytes);
  return value;
}
