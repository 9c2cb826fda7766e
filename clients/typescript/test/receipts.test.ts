import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { Agent, ReceiptInvalid, verifyEd25519, verifyReceipt } from "../src/index.js";
import { isKey } from "../src/receipts.js";
import { ok, Script } from "./scripted.js";
import { keyOf, token } from "./signing.js";

const bytes = (hex: string) => Uint8Array.from(Buffer.from(hex, "hex"));
const key = keyOf(Uint8Array.from({ length: 32 }, (_, at) => at)), other = keyOf(new Uint8Array(32)), jwks = { keys: [key.jwk] };
const claims = { iss: "agora", run_id: "r1", amount_micros: 20_000 };

/** Where the vectors are: WYCHEPROOF, else shared/wycheproof beside the repository. */
function wycheproof(): string | undefined {
  const places = process.env["WYCHEPROOF"] ? [process.env["WYCHEPROOF"]] : [];
  for (let at = process.cwd(); dirname(at) !== at; at = dirname(at)) places.push(join(at, "..", "shared", "wycheproof"));
  return places.map(place => join(place, "ed25519_test.json")).find(existsSync);
}

test("the vectors of RFC 8032 are good", async () => {
  const [key, signature] = [bytes("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"), bytes("92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00")];
  assert.ok(await verifyEd25519(key, bytes("72"), signature));
  assert.ok(!(await verifyEd25519(key, bytes("73"), signature)));
});

test("each vector of Wycheproof has its result", { skip: wycheproof() ? false : "the vectors of Wycheproof are not here" }, async () => {
  type Group = { publicKey: { pk: string }; tests: { tcId: number; msg: string; sig: string; result: string }[] };
  for (const group of (JSON.parse(readFileSync(wycheproof()!, "utf8")) as { testGroups: Group[] }).testGroups) {
    for (const one of group.tests) assert.equal(await verifyEd25519(bytes(group.publicKey.pk), bytes(one.msg), bytes(one.sig)), one.result === "valid", `${one.tcId}`);
  }
});

test("a key of low order, or with a second spelling, is none", () => {
  for (const low of ["00".repeat(32), `01${"00".repeat(31)}`, `ec${"ff".repeat(30)}7f`, "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05", `ee${"ff".repeat(30)}7f`]) assert.ok(!isKey(bytes(low)));
});

test("what was signed is told", async () => assert.deepEqual(await verifyReceipt(token(key, claims), jwks, "agora"), claims));

test("a receipt of play money is none of money, and none of money is one of play money", async () => {
  const play = token(key, claims, { typ: "agora-test-receipt+jwt" });
  assert.deepEqual(await verifyReceipt(play, jwks, undefined, true), claims);
  await assert.rejects(verifyReceipt(play, jwks), ReceiptInvalid);
  await assert.rejects(verifyReceipt(token(key, claims), jwks, undefined, true), ReceiptInvalid);
  const given = [{ key: "test_k" }, { key: "agk2_test_default.a.r.c" }, { token: "agt_shop-1_t3~s.1.m" }, { key: "agk2_live_default.test_.r.c" }, { token: "agt_test_s.1.m" }, { key: "platform_test_" }];
  assert.deepEqual(given.map(one => new Agent(one).isTest), [true, true, true, false, false, false]);
});

test("what is changed in any part is refused", async () => {
  const good = token(key, claims), [head, payload, signature] = good.split("."), changed = token(key, { ...claims, amount_micros: 1 }).split(".");
  const wrong = [
    `${head}.${changed[1]}.${signature}`, `${head}.${payload}.${changed[2]}`, `${head}.${payload}`, `${good}.`, `${good}=`, "", `${head}.${payload}é.${signature}`,
    token(key, claims, { alg: "none" }), token(key, claims, { typ: "JWT" }), token(key, claims, { crit: ["exp"] }), token(other, claims),
  ];
  for (const one of wrong) await assert.rejects(verifyReceipt(one, jwks), ReceiptInvalid, one);
  await assert.rejects(verifyReceipt(good, { keys: [{ ...other.jwk, kid: key.jwk.kid }] }), ReceiptInvalid);
  await assert.rejects(verifyReceipt(good, jwks, "https://other.example"), ReceiptInvalid);
});

test("a key set cannot misname a key, nor name one for which anyone could sign", async () => {
  await assert.rejects(verifyReceipt(token(other, claims, { kid: key.jwk.kid }), { keys: [{ ...other.jwk, kid: key.jwk.kid }] }), /of that name/);
  const x = Buffer.from([1, ...new Uint8Array(31)]).toString("base64url"), kid = createHash("sha256").update(`{"crv":"Ed25519","kty":"OKP","x":"${x}"}`).digest("base64url");
  await assert.rejects(verifyReceipt(token(key, claims, { kid }), { keys: [{ kty: "OKP", crv: "Ed25519", x, kid }] }), /nobody's/);
});

test("a receipt has one spelling", async () => {
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", good = token(key, claims);
  await assert.rejects(verifyReceipt(good.slice(0, -1) + letters[letters.indexOf(good.at(-1)!) ^ 1], jwks), ReceiptInvalid); // The last four bits are of no byte.
});

test("a receipt of another run is refused", async () => {
  const script = await Script.of(ok({ receipt: token(key, claims) }), { status: 200, body: jwks }, ok({ receipt: token(key, claims) }));
  const agent = new Agent({ url: script.url, token: "t" });
  assert.deepEqual((await agent.receipt("r1")).claims, claims);
  await assert.rejects(agent.receipt("r2"), ReceiptInvalid).finally(() => script.close());
});
