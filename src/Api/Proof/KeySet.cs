using System.Text.Json.Nodes;
using Agora.Proof.Keys;
using Agora.Web;

namespace Agora.Api.Proof;

/// <summary>/.well-known/jwks.json: every key that what was signed may rest on, as a JWK Set (RFC 7517 §5); former ones stay.</summary>
internal sealed class KeySet(SigningKeys keys) : IFeature
{
    public void Map(Routes routes) => routes.Document("/.well-known/jwks.json", Read);

    private async Task<Reply> Read(CancellationToken cancel)
    {
        var documents = new JsonArray([.. (await keys.Public(cancel)).Select(key => key.Document())]);
        return Reply.Text("application/jwk-set+json", new JsonObject { ["keys"] = documents }.ToJsonString()) with
        {
            Headers = [("Cache-Control", "public, max-age=60")], // as long as another process may not know of a rotation
        };
    }
}
