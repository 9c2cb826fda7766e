using System.Text.Json;
using Agora.Application.Operations;
using Agora.Core.Kernel;
using Agora.Web;
using Microsoft.AspNetCore.Http;

namespace Agora.A2a;

/// <summary>One request of JSON-RPC 2.0.</summary>
internal static class RpcRequest
{
    private const int IdCharacters = 256;

    /// <summary>What it asks for. What cannot be read is said there.</summary>
    /// <returns>The id as it was written, null: it has none that can be told; and whether it is a request.</returns>
    public static async Task<(string? Id, string? Method, bool IsRequest)> Peek(HttpContext http)
    {
        if (!Body.IsSent(http) || (await Body.Peek(http, Limits.BodyBytes)).Bytes is not { } bytes) return default;

        using var document = StrictJson.Parse(bytes, new());
        if (document?.RootElement is not { ValueKind: JsonValueKind.Object } request) return default;

        var id = request.TryGetProperty("id", out var given) && given.ValueKind is JsonValueKind.String or JsonValueKind.Number && given.GetRawText() is { Length: <= IdCharacters } raw ? raw : null;
        var method = request.TryGetProperty("method", out var named) && named.ValueKind == JsonValueKind.String ? named.GetString() : null;
        return (id, method, id is not null && method is not null && request.TryGetProperty("jsonrpc", out var version) && version.ValueKind == JsonValueKind.String && version.ValueEquals("2.0"));
    }
}
