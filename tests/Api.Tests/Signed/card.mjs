// A card by the package jose. Standard input: {key (private JWK), payload, card}; standard output: the payload signed by jose, and what jose reads of the card that it was given.
import { compactVerify, CompactSign, importJWK, calculateJwkThumbprint } from "jose";

const { key, payload, card } = JSON.parse(await new Response(process.stdin).text());
const { d: _, ...open } = key, kid = await calculateJwkThumbprint(open);
const signed = await new CompactSign(new TextEncoder().encode(JSON.stringify(payload))).setProtectedHeader({ alg: "EdDSA", typ: "agora-card", kid }).sign(await importJWK(key, "EdDSA"));
const read = await compactVerify(card, await importJWK(open, "EdDSA"));
console.log(JSON.stringify({ signed, kid: read.protectedHeader.kid, isThumbprint: read.protectedHeader.kid === kid, read: JSON.parse(new TextDecoder().decode(read.payload)) }));
