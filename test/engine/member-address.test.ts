import { expect, test } from "vitest";
import { memberAddress } from "../../src/engine/member-address.ts";

test.each([
  ["mongodb://a:1,b:2/?replicaSet=rs", "mongodb://b:2/?directConnection=true"],
  ["mongodb://a:1", "mongodb://b:2/?directConnection=true"],
  [
    "mongodb://u:p%40ss@a,b/shop?authSource=admin&replicaSet=rs&readPreference=nearest&tls=true",
    "mongodb://u:p%40ss@b:2/shop?authSource=admin&tls=true&directConnection=true",
  ],
  ["mongodb+srv://u:p@c.example.net/", "mongodb://u:p@b:2/?directConnection=true&tls=true&authSource=admin"],
  [
    "mongodb+srv://c.example.net/?authMechanism=MONGODB-X509&authSource=%24external&tls=true",
    "mongodb://b:2/?authMechanism=MONGODB-X509&authSource=%24external&tls=true&directConnection=true",
  ],
])("the address of a member of %s", (uri, expected) => expect(memberAddress(uri, "b:2")).toBe(expected));
