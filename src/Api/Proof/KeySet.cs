using System.Text.Json.Nodes;
using Agora.Proof.Keys;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Agora.Api.Proof;

/// <summary>/.well-known/jwks.json: every key that what was signed may rest on, as a JWK Set (RFC 7517 §5); former ones stay.</summary>
internal static class KeySet
{
    public static async Task Write(HttpContext http)
    {
        var keys = await http.RequestServices.GetRequiredService<SigningKeys>().Public(http.RequestAborted);
        http.Response.ContentType = "application/jwk-set+json";
        http.Response.Headers.CacheControl = "public, max-age=60"; // as long as another process may not know of a rotation
        await http.Response.WriteAsync(new JsonObject { ["keys"] = new JsonArray([.. keys.Select(key => key.Document())]) }.ToJsonString(), http.RequestAborted);
    }
}
