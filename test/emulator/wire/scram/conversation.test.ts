import { createHash, createHmac, pbkdf2Sync } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { AuthenticationFailed } from "../../../../src/emulator/wire/scram/authentication-failed.ts";
import { beginConversation, type Conversation } from "../../../../src/emulator/wire/scram/conversation.ts";
import { deriveCredentials } from "../../../../src/emulator/wire/scram/credentials.ts";
import { mechanismNames } from "../../../../src/emulator/wire/scram/mechanisms.ts";
import { createUsers, type Users } from "../../../../src/emulator/wire/scram/users.ts";
import { prove } from "./prove.ts";

const bytes = (text: string): Uint8Array => Buffer.from(text);
const text = (payload: Uint8Array): string => Buffer.from(payload).toString();
const first = bytes("n,,n=user,r=rOprNGfwEbeRWgbNEkqO");

function answer(
  { challenge }: Conversation,
  password: string,
  { bare = "n=user,r=rOprNGfwEbeRWgbNEkqO" } = {},
): string {
  return prove(challenge, password, bare);
}

const users = (): Promise<Users> => createUsers([{ name: "user", password: "pencil", role: "readWrite" }]);

test("the example of RFC 7677", async () => {
  const salt = "W22ZaJ0SNY7soEsUEjb6gQ==";
  const salted = pbkdf2Sync("pencil", Buffer.from(salt, "base64"), 4096, 32, "sha256");
  const clientKey = createHmac("sha256", salted).update("Client Key").digest();
  const credential = {
    iterationCount: 4096,
    salt,
    storedKey: createHash("sha256").update(clientKey).digest("base64"),
    serverKey: createHmac("sha256", salted).update("Server Key").digest("base64"),
  };
  const credentials = { "SCRAM-SHA-256": credential, "SCRAM-SHA-1": credential };
  const known = await createUsers([{ name: "user", credentials, role: "read" }]);
  const conversation = beginConversation(known, "SCRAM-SHA-256", first, "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0");
  const nonce = "rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
  expect(text(conversation.challenge)).toBe(`r=${nonce},s=${salt},i=4096`);
  const clientProof = "dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";
  const { user, proof } = conversation.prove(bytes(`c=biws,r=${nonce},p=${clientProof}`));
  expect(user).toEqual({ name: "user", role: "read" });
  expect(text(proof)).toBe("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
});

test("a wrong password, and each way to change the right answer, fails", async () => {
  const known = await users();
  const begin = (): Conversation => beginConversation(known, "SCRAM-SHA-256", first);
  const prove = (change: (answer: string) => string, password = "pencil") => {
    const conversation = begin();
    return () => conversation.prove(bytes(change(answer(conversation, password))));
  };
  expect(prove((right) => right)().user.name).toBe("user");
  const wrong: readonly ((answer: string) => string)[] = [
    (right) => right.replace("c=biws", "c=eSws"),
    (right) => right.replace("r=r", "r=s"),
    (right) => right.replace(/,p=.*/u, ""),
    (right) => right.replace(/p=.{10}/u, "p="),
    (right) => `${right},x=y`,
    (right) => right.replace(/p=(....)/u, "p=AAAA"),
    (right) => right.replace(/p=.*/u, "p=A"),
    () => "",
  ];
  for (const change of wrong) expect(prove(change)).toThrow(AuthenticationFailed);
  expect(prove((right) => right, "pencils")).toThrow(AuthenticationFailed);
  const conversation = begin();
  expect(() => begin().prove(bytes(answer(conversation, "pencil")))).toThrow(AuthenticationFailed);
});

test("an unknown user is asked like a known one, the same each time, and never gets in", async () => {
  const known = await users();
  for (const mechanism of mechanismNames) {
    const ask = (name: string): string =>
      text(beginConversation(known, mechanism, bytes(`n,,n=${name},r=abc`), "x").challenge);
    expect(ask("nobody")).toBe(ask("nobody"));
    expect(ask("nobody")).not.toBe(ask("somebody"));
    expect(ask("nobody").length).toBe(ask("user").length);
    expect(ask("nobody").replace(/s=[^,]*/u, "")).toBe(ask("user").replace(/s=[^,]*/u, ""));
  }
  const bare = "n=nobody,r=abc";
  const conversation = beginConversation(known, "SCRAM-SHA-256", bytes(`n,,${bare}`));
  for (const password of ["pencil", ""]) {
    expect(() => conversation.prove(bytes(answer(conversation, password, { bare })))).toThrow(AuthenticationFailed);
  }
});

test("what is made up outlives a restart where credentials are kept", async () => {
  const credentials = await deriveCredentials("user", "pencil");
  const ask = async (): Promise<string> => {
    const known = await createUsers([{ name: "user", credentials, role: "read" }]);
    return known.find("nobody", "SCRAM-SHA-256").credential.salt;
  };
  expect(await ask()).toBe(await ask());
});

test("names are unescaped", async () => {
  const known = await users();
  const nameIn = (name: string): string => beginConversation(known, "SCRAM-SHA-1", bytes(`n,,n=${name},r=a`)).userName;
  expect(nameIn("a=2Cb=3D2C")).toBe("a,b=2C");
  expect(() => nameIn("a=2cb")).toThrow(AuthenticationFailed);
});

test.each([
  "",
  "n,,",
  "n,,n=,r=a",
  "n,,n=a,r=",
  "p=tls-unique,,n=a,r=a",
  "n,a=other,n=a,r=a",
  "n,,m=x,n=a,r=a",
  "n,,n=a,r=a,x=y",
])("no first message: %j", async (payload) => {
  const known = await users();
  expect(() => beginConversation(known, "SCRAM-SHA-256", bytes(payload))).toThrow(AuthenticationFailed);
});

test("nothing but the right answer gets in", async () => {
  const known = await users();
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.string(), (junk, tail) => {
      expect(() => beginConversation(known, "SCRAM-SHA-256", junk)).toThrow(AuthenticationFailed);
      const conversation = beginConversation(known, "SCRAM-SHA-256", first);
      expect(() => conversation.prove(junk)).toThrow(AuthenticationFailed);
      const nonce = text(conversation.challenge).split(",")[0];
      expect(() => conversation.prove(bytes(`c=biws,${nonce},p=${tail}`))).toThrow(AuthenticationFailed);
    }),
  );
});

test.each([
  [{ name: "", password: "x" }, /no name/u],
  [{ name: "user", password: "a\u0007b" }, /characters/u],
])("nobody could log in as %j", async (user, message) => {
  await expect(createUsers([{ ...user, role: "read" }])).rejects.toMatchObject({ code: "ASP5352" });
  await expect(createUsers([{ ...user, role: "read" }])).rejects.toThrow(message);
});

test("two users of one name are refused", async () => {
  const user = { name: "user", password: "x", role: "read" } as const;
  await expect(createUsers([user, { ...user, role: "readWrite" }])).rejects.toMatchObject({ code: "ASP5352" });
});
