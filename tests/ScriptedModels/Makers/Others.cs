using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Agora.ScriptedModels.Makers;

/// <param name="Tells">It has usage in it, and that is right.</param>
internal sealed record OtherAnswer(byte[] Body, string Type, Counts Counts, bool Tells);

/// <summary>What makes no model talk: embeddings, speech, lists, counts.</summary>
internal static class Others
{
    private const int Dimensions = 8;

    public static Asked Read(Asked asked)
    {
        var body = asked.Body;
        switch (asked.Maker, asked.Endpoint)
        {
            case (Maker.OpenAi, Endpoint.Embeddings):
                _ = body.Member("input") ?? throw new RefusedException(400, "Missing required parameter: 'input'.", "missing_required_parameter", "input");
                return asked with { Model = body.Needed("model"), InputTokens = Tokens.Of(body, "input") };
            case (_, Endpoint.Speech):
                _ = body.Member("voice") ?? throw new RefusedException(400, "Missing required parameter: 'voice'.", "missing_required_parameter", "voice");
                _ = body.Needed("input");
                return asked with { Model = body.Needed("model"), InputTokens = Tokens.Of(body, "input", "instructions") };
            case (_, Endpoint.Embeddings):
                return asked with { InputTokens = body.Member("requests") is { } ? body.Each("requests").Sum(static request => Tokens.Of(request, "content")) : Tokens.Of(body, "content") };
            case (_, Endpoint.CountTokens):
                var counted = body.Member("generateContentRequest") ?? body;
                return asked with { InputTokens = Tokens.Of(counted, "systemInstruction", "contents", "tools", "generationConfig") };
            default:
                return asked;
        }
    }

    public static OtherAnswer Answer(Asked asked, Reply reply, Script script, Route route, UsageFault fault)
    {
        var counts = new Counts(asked.InputTokens);
        switch (asked.Maker, asked.Endpoint)
        {
            case (Maker.OpenAi, Endpoint.Embeddings):
                return Of(Embeddings(asked, counts, fault), counts, fault != UsageFault.Missing && UsageJson.IsRight(fault));
            case (_, Endpoint.Speech):
                counts = counts with { OutputAudio = reply.OutputAudio };
                return asked.Body.Text("stream_format") == "sse" ? Spoken(reply, counts, fault) : new OtherAnswer(reply.Audio.ToArray(), AudioType(asked), counts, Tells: false);
            case (_, Endpoint.Embeddings):
                return Of(route.Verb == "embedContent"
                    ? $$"""{"embedding":{{Values(0)}}}"""
                    : $$"""{"embeddings":[{{string.Join(',', asked.Body.Each("requests").Select(static (_, index) => Values(index)))}}]}""", counts, tells: false);
            case (Maker.Anthropic, Endpoint.CountTokens):
                return Of($$"""{"input_tokens":{{asked.InputTokens}}}""", Counts.None, tells: true);
            case (_, Endpoint.CountTokens):
                return Of($$"""{"totalTokens":{{asked.InputTokens}},"promptTokensDetails":[{"modality":"TEXT","tokenCount":{{asked.InputTokens}}}]}""", Counts.None, tells: true);
            default:
                return Of(Models(asked.Maker, script.Models), Counts.None, tells: true);
        }
    }

    private static OtherAnswer Of(string json, Counts counts, bool tells) => new(Encoding.UTF8.GetBytes(json), "application/json", counts, tells);

    private static string Embeddings(Asked asked, Counts counts, UsageFault fault)
    {
        var input = asked.Body.Member("input")!.Value;
        var count = input.ValueKind == JsonValueKind.Array && input.GetArrayLength() > 0 && input[0].ValueKind is not JsonValueKind.Number ? input.GetArrayLength() : 1;
        var dimensions = asked.Body.Number("dimensions") ?? Dimensions;
        var isBase64 = asked.Body.Text("encoding_format") == "base64";
        var data = Enumerable.Range(0, count).Select(index => $$"""{"object":"embedding","index":{{index}},"embedding":{{(isBase64 ? Base64(index, dimensions) : Floats(index, dimensions))}}}""");
        var chat = UsageJson.OfChat(counts, fault);
        var (prompt, total) = (Part(chat, "prompt_tokens"), Part(chat, "total_tokens"));
        var usage = fault == UsageFault.Missing ? "" : $$""","usage":{"prompt_tokens":{{prompt}},"total_tokens":{{total}}}""";
        return $$"""{"object":"list","data":[{{string.Join(',', data)}}],"model":{{Json.Quote(asked.Model)}}{{usage}}}""";
    }

    private static string Part(string json, string member)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.GetProperty(member).GetRawText();
    }

    private static OtherAnswer Spoken(Reply reply, Counts counts, UsageFault fault)
    {
        var chat = UsageJson.OfChat(counts, fault);
        var usage = fault == UsageFault.Missing ? "" : $$""","usage":{"input_tokens":{{Part(chat, "prompt_tokens")}},"output_tokens":{{Part(chat, "completion_tokens")}},"total_tokens":{{Part(chat, "total_tokens")}}}""";
        byte[] events =
        [
            .. Json.Data($$"""{"type":"speech.audio.delta","audio":"{{Convert.ToBase64String(reply.Audio.Span)}}"}"""),
            .. Json.Data($$"""{"type":"speech.audio.done"{{usage}}}"""),
        ];
        return new OtherAnswer(events, "text/event-stream; charset=utf-8", counts, fault != UsageFault.Missing && UsageJson.IsRight(fault));
    }

    private static string AudioType(Asked asked) => asked.Body.Text("response_format") switch
    {
        "opus" => "audio/opus",
        "aac" => "audio/aac",
        "flac" => "audio/flac",
        "wav" => "audio/wav",
        "pcm" => "audio/pcm",
        _ => "audio/mpeg",
    };

    private static string Models(Maker maker, IReadOnlyList<string> models) => maker switch
    {
        Maker.Anthropic => $$"""{"data":[{{string.Join(',', models.Select(static model => $$"""{"type":"model","id":{{Json.Quote(model)}},"display_name":{{Json.Quote(model)}},"created_at":"2025-01-01T00:00:00Z"}"""))}}],"has_more":false,"first_id":{{Json.QuoteOrNull(models.FirstOrDefault())}},"last_id":{{Json.QuoteOrNull(models.LastOrDefault())}}}""",
        Maker.Google => $$"""{"models":[{{string.Join(',', models.Select(static model => $$"""{"name":{{Json.Quote($"models/{model}")}},"version":"001","displayName":{{Json.Quote(model)}},"inputTokenLimit":1048576,"outputTokenLimit":65536,"supportedGenerationMethods":["generateContent","countTokens"]}"""))}}]}""",
        _ => $$"""{"object":"list","data":[{{string.Join(',', models.Select(static model => $$"""{"id":{{Json.Quote(model)}},"object":"model","created":1735689600,"owned_by":"scripted"}"""))}}]}""",
    };

    private static string Values(int index) => $$"""{"values":{{Floats(index, Dimensions)}}}""";

    private static string Floats(int index, int dimensions) => $"[{string.Join(',', Vector(index, dimensions).Select(static value => value.ToString("R", CultureInfo.InvariantCulture)))}]";

    private static string Base64(int index, int dimensions)
    {
        var bytes = new byte[dimensions * sizeof(float)];
        var at = 0;
        foreach (var value in Vector(index, dimensions))
        {
            BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(at), value);
            at += sizeof(float);
        }

        return $"\"{Convert.ToBase64String(bytes)}\"";
    }

    private static IEnumerable<float> Vector(int index, int dimensions)
    {
        for (var n = 0; n < dimensions; n++)
        {
            yield return (Words.Mix(Words.KeyOf(index, (ulong)n)) >> 40) * (1f / (1 << 24)) - 0.5f;
        }
    }
}
