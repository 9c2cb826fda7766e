// Checks in the browser, by its own WebCrypto, what the server says of a payment: the receipt's signature, and where the page has a proof, the row's path to the signed checkpoint. Keys are those of
// /.well-known/jwks.json, by their thumbprints (RFC 7638). samples/Verifier does the same offline.
const utf8 = new TextEncoder();
const sha256 = async (...parts) => new Uint8Array(await crypto.subtle.digest("SHA-256", await new Blob(parts).arrayBuffer()));
const hold = (holds, where) => { if (!holds) throw new Error(where); };
const text = (bytes) => btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

// Strict: one spelling of the bytes.
function bytes(said, where) {
  hold(/^[A-Za-z0-9_-]*$/.test(said), `${where}: not base64url`);
  const decoded = Uint8Array.from(atob(said.replaceAll("-", "+").replaceAll("_", "/")), (one) => one.charCodeAt(0));
  hold(text(decoded) === said, `${where}: not base64url`);
  return decoded;
}

// RFC 7515 and 8037, one algorithm.
async function claims(token, typ, keys, where) {
  const parts = token.split(".");
  hold(parts.length === 3, `${where}: not a compact JWS`);
  const header = JSON.parse(new TextDecoder().decode(bytes(parts[0], where)));
  hold(header.alg === "EdDSA" && header.typ === typ && header.crit === undefined, `${where}: not EdDSA of type ${typ}`);
  const jwk = keys.find((key) => key.kid === header.kid);
  hold(jwk, `${where}: signed by no key of the set`);
  hold(text(await sha256(utf8.encode(`{"crv":"Ed25519","kty":"OKP","x":"${jwk.x}"}`))) === jwk.kid, `key ${jwk.kid}: not the one of that name`);
  const key = await crypto.subtle.importKey("raw", bytes(jwk.x, "key"), "Ed25519", false, ["verify"]);
  hold(await crypto.subtle.verify("Ed25519", key, bytes(parts[2], where), utf8.encode(`${parts[0]}.${parts[1]}`)), `${where}: the signature is not good`);
  return JSON.parse(new TextDecoder().decode(bytes(parts[1], where)));
}

// Length of the stream's name, name, number, hash; numbers little endian; then a leaf of RFC 6962.
async function leafOf(row) {
  const name = utf8.encode(row.stream);
  const numbers = new DataView(new ArrayBuffer(12));
  numbers.setInt32(0, name.length, true);
  numbers.setBigInt64(4, BigInt(row.seq), true);
  return sha256(Uint8Array.of(0), numbers.buffer.slice(0, 4), name, numbers.buffer.slice(4), bytes(row.hash, "row"));
}

// RFC 9162, section 2.1.3.2.
async function rootOf(leaf, index, size, path) {
  hold(index >= 0 && index < size, "leaf_index: not within the tree");
  let [node, last, root] = [index, size - 1, leaf];
  for (const sibling of path) {
    hold(last > 0, "path: too long");
    if (node % 2 === 1 || node === last) {
      root = await sha256(Uint8Array.of(1), sibling, root);
      while (node % 2 === 0 && node !== 0) [node, last] = [node / 2, Math.floor(last / 2)];
    } else {
      root = await sha256(Uint8Array.of(1), root, sibling);
    }
    [node, last] = [Math.floor(node / 2), Math.floor(last / 2)];
  }
  hold(last === 0, "path: too short");
  return text(root);
}

async function verify(said) {
  const { keys } = await (await fetch("/.well-known/jwks.json")).json();
  const receipt = await claims(said.receipt, "agora-receipt+jwt", keys, "receipt");
  hold(receipt.jti === said.payment_id, "payment_id: not the one of the receipt");
  const paid = `${receipt.amount_micros / 1e6} ${receipt.asset} · ${receipt.service_id ?? ""} · ${receipt.settled_at}`;
  if (!said.checkpoint) return paid;

  for (const name of ["stream", "seq", "hash"]) hold(receipt.row[name] === said.row[name], `row, ${name}: not the one of the receipt`);
  const checkpoint = await claims(said.checkpoint, "agora-checkpoint+jwt", keys, "checkpoint");
  hold(checkpoint.iss === receipt.iss && checkpoint.size === said.tree_size, "checkpoint: not of this tree");
  hold(await rootOf(await leafOf(said.row), said.leaf_index, said.tree_size, said.path.map((hash) => bytes(hash, "path"))) === checkpoint.root, "row: it is not under the checkpoint's root");
  return `${paid} · checkpoint ${checkpoint.number}`;
}

document.addEventListener("click", async (click) => {
  const place = click.target.closest?.(".verify");
  if (!place || click.target.tagName !== "BUTTON") return;

  const [told, words] = [place.querySelector("output"), place.dataset];
  try {
    told.textContent = `${words.good} ${await verify(JSON.parse(place.querySelector("script").textContent))}`;
    told.className = "done";
  } catch (why) {
    told.textContent = why.name === "NotSupportedError" ? words.cannot : `${words.bad} ${why.message}`;
    told.className = "refused";
  }
});

for (const button of document.querySelectorAll(".verify button")) button.disabled = false;
