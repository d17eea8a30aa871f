import { expect, test } from "vitest";
import { readEndpoint } from "../../../src/engine/operators/endpoint.ts";
import { connectionsOf } from "./http-server.ts";

test.each([
  ["me:p%40ss", "me:p@ss"],
  ["me:100%", "me:100%"],
  ["me:%C3%A9%FF%zz", "me:%C3%A9%FF%zz"],
  ["m%C3%A9:", "mé:"],
])("user and password %s are sent as %s", (written, sent) => {
  const connections = connectionsOf({ web: { type: "Https", url: `http://${written}@h/` } });
  const { url, headers } = readEndpoint("web", { name: "p", connections });
  expect(headers["authorization"]).toBe(`Basic ${Buffer.from(sent).toString("base64")}`);
  expect(url.href).toBe("http://h/");
});
