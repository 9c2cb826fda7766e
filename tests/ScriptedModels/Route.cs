using Microsoft.AspNetCore.Http;

namespace Agora.ScriptedModels;

/// <summary>What a path is, and whose.</summary>
/// <param name="Model">Google has it in the path, and there too whether it streams.</param>
internal readonly record struct Route(Maker Maker, Endpoint Endpoint, string Model = "", bool Stream = false, string Verb = "")
{
    private const string Google = "/v1beta/models";

    public static Route? Of(HttpRequest request)
    {
        var path = request.Path.Value ?? "";
        var isPost = HttpMethods.IsPost(request.Method);
        if (path.StartsWith(Google, StringComparison.Ordinal)) return OfGoogle(path[Google.Length..].TrimStart('/'), isPost, request);
        return (isPost, path) switch
        {
            (true, "/v1/chat/completions") => new Route(Maker.OpenAi, Endpoint.Chat),
            (true, "/v1/messages") => new Route(Maker.Anthropic, Endpoint.Messages),
            (true, "/v1/responses") => new Route(Maker.OpenAi, Endpoint.Responses),
            (true, "/v1/embeddings") => new Route(Maker.OpenAi, Endpoint.Embeddings),
            (true, "/v1/audio/speech") => new Route(Maker.OpenAi, Endpoint.Speech),
            (true, "/v1/responses/input_tokens") => new Route(Maker.OpenAi, Endpoint.CountTokens),
            (true, "/v1/moderations") => new Route(Maker.OpenAi, Endpoint.Moderations),
            (true, "/v1/messages/count_tokens") => new Route(Maker.Anthropic, Endpoint.CountTokens),
            (false, "/v1/models") => new Route(IsAnthropic(request) ? Maker.Anthropic : Maker.OpenAi, Endpoint.Models),
            _ => null,
        };
    }

    /// <summary>In whose shape a path that is none is refused.</summary>
    public static Maker MakerOf(HttpRequest request) =>
        request.Path.StartsWithSegments("/v1beta", StringComparison.Ordinal) ? Maker.Google : IsAnthropic(request) ? Maker.Anthropic : Maker.OpenAi;

    public string KeyOf(HttpRequest request)
    {
        var headers = request.Headers;
        if (Maker == Maker.Google) return headers.TryGetValue("x-goog-api-key", out var google) ? google.ToString() : request.Query["key"].ToString();
        if (Maker == Maker.Anthropic && headers.TryGetValue("x-api-key", out var anthropic)) return anthropic.ToString();

        var bearer = headers.Authorization.ToString(); // Newer clients of Anthropic send their key so, too.
        return bearer.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) ? bearer["Bearer ".Length..] : "";
    }

    private static bool IsAnthropic(HttpRequest request) => request.Headers.ContainsKey("x-api-key") || request.Headers.ContainsKey("anthropic-version");

    private static Route? OfGoogle(string rest, bool isPost, HttpRequest request)
    {
        if (rest.Length == 0) return isPost ? null : new Route(Maker.Google, Endpoint.Models);
        if (!isPost || rest.LastIndexOf(':') is var colon && colon <= 0) return null;

        var (model, verb) = (rest[..colon], rest[(colon + 1)..]);
        return verb switch
        {
            "generateContent" => new Route(Maker.Google, Endpoint.Generate, model),
            "streamGenerateContent" when request.Query["alt"] == "sse" => new Route(Maker.Google, Endpoint.Generate, model, Stream: true),
            "countTokens" => new Route(Maker.Google, Endpoint.CountTokens, model),
            "embedContent" or "batchEmbedContents" => new Route(Maker.Google, Endpoint.Embeddings, model, Verb: verb),
            _ => null,
        };
    }
}
