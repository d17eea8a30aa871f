import { expect, test } from "vitest";
import { authoredNamespace, placeNamespace } from "../../src/config/place-namespace.ts";

const here = {
  databases: { shop: "shop_prod", "a b": "c" },
  collectionNames: { "shop.orders": "orders_v2", "shop.orders.old": "archive", "other.orders": "mine" },
};

test.each([
  ["shop", "orders", "shop_prod", "orders_v2"],
  ["shop", "orders.old", "shop_prod", "archive"],
  ["shop", "payments", "shop_prod", "payments"],
  ["other", "orders", "other", "mine"],
  // The name that pipelines use decides, not the one that comes out.
  ["shop_prod", "orders", "shop_prod", "orders"],
  ["shop", "$tenant", "shop_prod", "$tenant"],
  ["$db", "orders", "$db", "orders"],
  ["constructor", "__proto__", "constructor", "__proto__"],
])("%s.%s is %s.%s", (db, coll, dbHere, collHere) => {
  expect(placeNamespace(db, coll, here)).toEqual({ db: dbHere, coll: collHere });
});

test.each([
  ["shop_prod", "orders_v2", "shop", "orders"],
  ["shop_prod", "archive", "shop", "orders.old"],
  ["shop_prod", "payments", "shop", "payments"],
  ["other", "mine", "other", "orders"],
  ["elsewhere", "orders", "elsewhere", "orders"],
])("%s.%s is what pipelines call %s.%s", (dbHere, collHere, db, coll) => {
  expect(authoredNamespace(dbHere, collHere, here)).toEqual({ db, coll });
});

test("an environment may name no collection", () => {
  expect(placeNamespace("a", "b", { databases: {} })).toEqual({ db: "a", coll: "b" });
});
