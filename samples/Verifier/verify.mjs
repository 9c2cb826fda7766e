// Checks offline what Agora says of a payment, with nothing of Agora's own: node verify.mjs PROOF.json JWKS.json [CHAIN.txt]
// PROOF.json is the answer of GET /admin/proof/{payment_id} (or its data), JWKS.json that of /.well-known/jwks.json, CHAIN.txt a file of
// checkpoints, one a line, from the first, as AGORA_CHECKPOINT_SINK keeps them. Exit code 0: all is as it was signed; else 1, and where it is not.
import { createHash, createPublicKey, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';

class Broken extends Error {}
const check = (holds, where) => { if (!holds) throw new Broken(where); };
const sha256 = (...parts) => createHash('sha256').update(Buffer.concat(parts)).digest();

// Strict: one spelling of the bytes.
function bytes(text, where) {
  check(typeof text === 'string' && /^[A-Za-z0-9_-]*$/.test(text), `${where}: not base64url`);
  const decoded = Buffer.from(text, 'base64url');
  check(decoded.toString('base64url') === text, `${where}: not base64url`);
  return decoded;
}

function json(text, where) {
  try { return JSON.parse(text); } catch { throw new Broken(`${where}: not JSON`); }
}

// Points of low order verify what nobody signed, and y from 2^255-19 on is a second spelling (RFC 8032, 5.1.3): Node's OpenSSL takes both.
const lowOrder = new Set([0n, 1n, 2n ** 255n - 20n, 0x05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826n, 0x7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7n]);
function isOwned(key) {
  if (key.length !== 32) return false;
  const y = BigInt(`0x${Buffer.from(key).reverse().toString('hex')}`) & (2n ** 255n - 1n);
  return y < 2n ** 255n - 19n && !lowOrder.has(y);
}

// RFC 7515 and 8037, one algorithm. The key's name is its thumbprint (RFC 7638), so the key set cannot misname a key.
function claims(token, typ, keys, where) {
  check(typeof token === 'string', `${where}: missing`);
  const parts = token.trim().split('.');
  check(parts.length === 3, `${where}: not a compact JWS`);
  const header = json(bytes(parts[0], `${where}, header`), `${where}, header`);
  check(header.alg === 'EdDSA' && header.typ === typ && header.crit === undefined, `${where}, header: not EdDSA of type ${typ}`);
  const jwk = keys.find(key => key.kid === header.kid);
  check(jwk, `${where}: signed by no key of the set`);
  const thumbprint = sha256(Buffer.from(`{"crv":"Ed25519","kty":"OKP","x":"${jwk.x}"}`)).toString('base64url');
  check(jwk.kty === 'OKP' && jwk.crv === 'Ed25519' && thumbprint === jwk.kid, `key ${jwk.kid}: not the one of that name`);
  check(isOwned(bytes(jwk.x, `key ${jwk.kid}`)), `key ${jwk.kid}: nobody's, for anyone could sign for it`);
  const key = createPublicKey({ key: { kty: jwk.kty, crv: jwk.crv, x: jwk.x }, format: 'jwk' });
  check(verify(null, Buffer.from(`${parts[0]}.${parts[1]}`), key, bytes(parts[2], `${where}, signature`)), `${where}: the signature is not good`);
  return json(bytes(parts[1], `${where}, payload`), `${where}, payload`);
}

// Length of the stream's name, name, number, hash; numbers little endian; then a leaf of RFC 6962.
function leafOf(row) {
  const [name, length, seq] = [Buffer.from(row.stream, 'utf8'), Buffer.alloc(4), Buffer.alloc(8)];
  length.writeInt32LE(name.length);
  seq.writeBigInt64LE(BigInt(row.seq));
  return sha256(Buffer.from([0]), length, name, seq, bytes(row.hash, 'row, hash'));
}

// RFC 9162 §2.1.3.2. Indices stay far below 2^53.
function rootOf(leaf, index, size, path) {
  check(Number.isSafeInteger(index) && Number.isSafeInteger(size) && index >= 0 && index < size, 'leaf_index: not within the tree');
  let [node, last, root] = [index, size - 1, leaf];
  for (const sibling of path) {
    check(last > 0, 'path: too long');
    if (node % 2 === 1 || node === last) {
      root = sha256(Buffer.from([1]), sibling, root);
      while (node % 2 === 0 && node !== 0) [node, last] = [node / 2, Math.floor(last / 2)];
    } else {
      root = sha256(Buffer.from([1]), root, sibling);
    }
    [node, last] = [Math.floor(node / 2), Math.floor(last / 2)];
  }
  check(last === 0, 'path: too short');
  return root.toString('base64url');
}

function chain(tokens, keys, wanted) {
  let previous = null;
  tokens.forEach((token, i) => {
    const here = claims(token, 'agora-checkpoint+jwt', keys, `chain, line ${i + 1}`);
    check(here.number === i + 1, `chain, line ${i + 1}: checkpoint ${here.number} in place of ${i + 1}`);
    check((here.previous ?? null) === (previous && sha256(Buffer.from(previous)).toString('base64url')), `chain, line ${i + 1}: does not follow from the one before`);
    previous = token;
  });
  check(tokens.includes(wanted), 'chain: the checkpoint of the proof is not in it');
}

try {
  const [proofFile, keyFile, chainFile] = process.argv.slice(2);
  if (!keyFile) { console.error('node verify.mjs PROOF.json JWKS.json [CHAIN.txt]'); process.exit(2); }
  const answer = json(readFileSync(proofFile), 'proof');
  const [proof, keys] = [answer.data ?? answer, json(readFileSync(keyFile), 'key set').keys];
  const receipt = claims(proof.receipt, 'agora-receipt+jwt', keys, 'receipt');
  for (const name of ['stream', 'seq', 'hash']) check(receipt.row[name] === proof.row[name], `row, ${name}: not the one of the receipt`);
  check(receipt.jti === proof.payment_id, 'payment_id: not the one of the receipt');
  const checkpoint = claims(proof.checkpoint, 'agora-checkpoint+jwt', keys, 'checkpoint');
  check(checkpoint.iss === receipt.iss, 'checkpoint: another issuer than the receipt\'s');
  check(checkpoint.size === proof.tree_size, 'tree_size: not the one of the checkpoint');
  const path = proof.path.map((hash, i) => bytes(hash, `path, ${i}`));
  check(rootOf(leafOf(proof.row), proof.leaf_index, proof.tree_size, path) === checkpoint.root, 'row: it is not under the checkpoint\'s root');
  if (chainFile) chain(readFileSync(chainFile, 'ascii').split('\n').filter(line => line), keys, proof.checkpoint);
  console.log(`verified: ${receipt.iss} says: ${receipt.amount_micros / 1e6} ${receipt.asset} paid by ${receipt.paid_by.kind} ${receipt.paid_by.id ?? ""} for ${receipt.service_id}, asked for by ${receipt.sub}, at ${receipt.settled_at}, under checkpoint ${checkpoint.number} of ${checkpoint.at}`);
} catch (e) {
  console.error(e instanceof Broken ? `broken: ${e.message}` : `broken: ${e}`);
  process.exit(1);
}
