// An OpenID provider of another maker, with the pages that it has for trying it out: whoever gives a name and any password is that account. It prints where it is; then a line in: where it may send people back to. It ends with its input.
import { generateKeyPairSync, sign } from "node:crypto";
import { createServer } from "node:http";
import { createInterface } from "node:readline";
import { Provider } from "oidc-provider";

const groups = { erika: ["staff", "agora-admins"], sepp: ["support"], tom: ["staff"] };
const [own, foreign] = [0, 1].map(() => generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey);

// What a token says besides what is right, by the account.
const hour = 3600;
const bent = {
  "of-another-audience": (claims) => ({ ...claims, aud: "somebody-else" }),
  "of-two-audiences": (claims) => ({ ...claims, aud: [claims.aud, "somebody-else"] }),
  "of-another-party": (claims) => ({ ...claims, aud: [claims.aud, "somebody-else"], azp: "somebody-else" }),
  "of-another-party-alone": (claims) => ({ ...claims, azp: "somebody-else" }),
  "of-five-minutes": (claims) => ({ ...claims, exp: claims.iat + 300 }),
  "of-two-audiences-for-us": (claims) => ({ ...claims, aud: [claims.aud, "somebody-else"], azp: claims.aud }),
  "of-another-issuer": (claims) => ({ ...claims, iss: "https://login.example" }),
  "of-no-nonce": ({ nonce, ...claims }) => claims,
  "of-no-time": ({ iat, ...claims }) => claims,
  "of-yesterday": (claims) => ({ ...claims, iat: claims.iat - 24 * hour, exp: claims.exp - 24 * hour }),
  "of-another-key": (claims) => claims,
};

const part = (json) => Buffer.from(JSON.stringify(json)).toString("base64url");
const bend = (token) => {
  const [head, claims] = token.split(".").slice(0, 2).map((text) => JSON.parse(Buffer.from(text, "base64url")));
  if (!(claims.sub in bent)) return token;
  const signed = `${part(head)}.${part(bent[claims.sub](claims))}`;
  return `${signed}.${sign("sha256", Buffer.from(signed), claims.sub === "of-another-key" ? foreign : own).toString("base64url")}`;
};

const server = createServer();
await new Promise((done) => server.listen(0, "127.0.0.1", done));
const issuer = `http://localhost:${server.address().port}`;
console.log(issuer);
for await (const back of createInterface({ input: process.stdin })) {
  const client = { redirect_uris: [back], grant_types: ["authorization_code"], response_types: ["code"] };
  const provider = new Provider(issuer, {
    clients: [
      { ...client, client_id: "console", client_secret: "a secret+with:all/that%is&encoded", token_endpoint_auth_method: "client_secret_basic" },
      { ...client, client_id: "console-public", token_endpoint_auth_method: "none" },
    ],
    pkce: { required: () => true },
    claims: { openid: ["sub", "groups"], profile: ["name"] },
    conformIdTokenClaims: false,
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, name: id, groups: groups[id] ?? groups.erika }) }),
    jwks: { keys: [{ ...own.export({ format: "jwk" }), kid: "k1", use: "sig", alg: "RS256" }] },
    cookies: { keys: ["of-a-test"] },
    ttl: { IdToken: hour, Session: hour, Grant: hour, Interaction: hour, AccessToken: hour },
  });
  provider.use(async (ctx, next) => {
    await next();
    if (ctx.path === "/token" && ctx.body?.id_token) ctx.body = JSON.parse(Buffer.from(ctx.body.id_token.split(".")[1], "base64url")).sub === "of-nonsense" ? "<html>" : { ...ctx.body, id_token: bend(ctx.body.id_token) };
  });
  server.removeAllListeners("request");
  server.on("request", provider.callback());
  console.log("ready");
}

process.exit(0);
