using System.Buffers.Binary;
using System.Collections.Frozen;
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

    private static readonly FrozenSet<string> OfSpeech = FrozenSet.Create(StringComparer.Ordinal, "input", "model", "voice", "instructions", "response_format", "speed", "stream_format");

    private static readonly FrozenSet<string> OfCounting = FrozenSet.Create(
        StringComparer.Ordinal, "conversation", "input", "instructions", "model", "parallel_tool_calls", "personality", "previous_response_id", "reasoning", "text", "tool_choice", "tools", "truncation");

    private static readonly FrozenSet<string> OfEmbeddings = FrozenSet.Create(StringComparer.Ordinal, "input", "model", "dimensions", "encoding_format", "user");

    public static Asked Read(Asked asked)
    {
        var body = asked.Body;
        switch (asked.Maker, asked.Endpoint)
        {
            case (Maker.OpenAi, Endpoint.Embeddings):
                body.KnowsOnly(OfEmbeddings, static name => $"Unrecognized request argument supplied: {name}");
                return asked with { Model = body.Needed("model"), InputTokens = EmbeddedTokens(body.Member("input") ?? throw new RefusedException(400, "Missing required parameter: 'input'.", "missing_required_parameter", "input")) };
            case (_, Endpoint.Speech):
                body.KnowsOnly(OfSpeech, static name => $"Unrecognized request argument supplied: {name}");
                _ = body.Member("voice") ?? throw new RefusedException(400, "Missing required parameter: 'voice'.", "missing_required_parameter", "voice");
                _ = body.Needed("input");
                return asked with { Model = body.Needed("model"), InputTokens = Tokens.Of(body, "input", "instructions") };
            case (_, Endpoint.Embeddings):
                return asked with { InputTokens = body.Member("requests") is { } ? body.Each("requests").Sum(static request => Tokens.Of(request, "content")) : Tokens.Of(body, "content") };
            case (Maker.OpenAi, Endpoint.Moderations):
                if (body.Texts("input").Count == 0)
                {
                    throw new RefusedException(400, "'$.input' is invalid. Please check the API reference.", null, "input");
                }

                return asked with { Model = body.Text("model") ?? "omni-moderation-latest" };
            case (Maker.OpenAi, Endpoint.CountTokens):
                body.KnowsOnly(OfCounting, static name => $"Unknown parameter: '{name}'.");
                return asked with { Model = body.Needed("model"), InputTokens = Tokens.Of(body, "input", "instructions", "tools", "text") };
            case (_, Endpoint.CountTokens):
                var counted = body.Member("generateContentRequest") ?? body;
                if (body.Member("generateContentRequest") is { } inner && inner.Text("model") != $"models/{asked.Model}")
                {
                    throw new RefusedException(400, "* CountTokensRequest.generate_content_request.model: model is required");
                }

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
                return Of(Embeddings(asked, script, counts, fault), counts, fault != UsageFault.Missing && UsageJson.IsRight(fault));
            case (_, Endpoint.Speech):
                counts = counts with { OutputAudio = reply.OutputAudio };
                return asked.Body.Text("stream_format") == "sse" ? Spoken(reply, counts, fault) : new OtherAnswer(reply.Audio.ToArray(), AudioType(asked), counts, Tells: false);
            case (_, Endpoint.Embeddings):
                return Of(Google(asked, counts, route, fault), counts, fault != UsageFault.Missing && UsageJson.IsRight(fault));
            case (_, Endpoint.Moderations):
                return Of(Moderated(asked, script), Counts.None, tells: true);
            case (Maker.OpenAi, Endpoint.CountTokens):
                return Of($$"""{"object":"response.input_tokens","input_tokens":{{asked.InputTokens}}}""", Counts.None, tells: true);
            case (Maker.Anthropic, Endpoint.CountTokens):
                return Of($$"""{"input_tokens":{{asked.InputTokens}}}""", Counts.None, tells: true);
            case (_, Endpoint.CountTokens):
                return Of($$"""{"totalTokens":{{asked.InputTokens}},"promptTokensDetails":[{"modality":"TEXT","tokenCount":{{asked.InputTokens}}}]}""", Counts.None, tells: true);
            default:
                return Of(Models(asked.Maker, script.Models), Counts.None, tells: true);
        }
    }

    private static OtherAnswer Of(string json, Counts counts, bool tells) => new(Encoding.UTF8.GetBytes(json), "application/json", counts, tells);

    private static string Embeddings(Asked asked, Script script, Counts counts, UsageFault fault)
    {
        var input = asked.Body.Member("input")!.Value;
        var count = input.ValueKind == JsonValueKind.Array && input.GetArrayLength() > 0 && input[0].ValueKind is not JsonValueKind.Number ? input.GetArrayLength() : 1;
        var dimensions = asked.Body.Number("dimensions") ?? Dimensions;
        var isBase64 = asked.Body.Text("encoding_format") == "base64";
        var data = Enumerable.Range(0, count).Select(index => $$"""{"object":"embedding","index":{{index}},"embedding":{{(isBase64 ? Base64(Of(index)) : Floats(Of(index)))}}}""");
        IReadOnlyList<float> Of(int index) => script.Vectors is { } vectors && TextAt(input, index) is { } text ? vectors(text) : [.. Vector(index, dimensions)];
        var chat = UsageJson.OfChat(counts, fault);
        var (prompt, total) = (Part(chat, "prompt_tokens"), Part(chat, "total_tokens"));
        var usage = fault == UsageFault.Missing ? "" : $$""","usage":{"prompt_tokens":{{prompt}},"total_tokens":{{total}}}""";
        return $$"""{"object":"list","data":[{{string.Join(',', data)}}],"model":{{Json.Quote(asked.Model)}}{{usage}}}""";
    }

    /// <summary>Null: tokens stand there.</summary>
    private static string? TextAt(JsonElement input, int index) => input.ValueKind == JsonValueKind.String ? input.GetString() : input[index].ValueKind == JsonValueKind.String ? input[index].GetString() : null;

    /// <summary>A text counts by its bytes, cut tokens as many as they are.</summary>
    private static long EmbeddedTokens(JsonElement input)
    {
        if (input.ValueKind == JsonValueKind.String) return Tokens.Of(input.GetString()!);
        if (input.ValueKind != JsonValueKind.Array || input.GetArrayLength() == 0)
        {
            throw new RefusedException(400, "'$.input' is invalid. Please check the API reference.", null, "input");
        }

        return input[0].ValueKind == JsonValueKind.Number ? input.GetArrayLength() : input.EnumerateArray().Sum(EmbeddedTokens);
    }

    /// <summary>Older answers have no usage.</summary>
    private static string Google(Asked asked, Counts counts, Route route, UsageFault fault)
    {
        var usage = fault == UsageFault.Missing ? "" : $$""","usageMetadata":{"promptTokenCount":{{Part(UsageJson.OfChat(counts, fault), "prompt_tokens")}}}""";
        if (route.Verb == "embedContent") return $$"""{"embedding":{{Values(0, asked.Body.Number("outputDimensionality"))}}{{usage}}}""";

        foreach (var request in asked.Body.Each("requests").Where(request => request.Text("model") != $"models/{asked.Model}"))
        {
            throw new RefusedException(400, $"* BatchEmbedContentsRequest.requests[0].model: unexpected model name {request.Text("model")}");
        }

        return $$"""{"embeddings":[{{string.Join(',', asked.Body.Each("requests").Select(static (request, index) => Values(index, request.Number("outputDimensionality"))))}}]{{usage}}}""";
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

    private static string Moderated(Asked asked, Script script)
    {
        string[] known = ["harassment", "self-harm/intent", "violence"];
        var results = asked.Body.Texts("input").Select(text => (IReadOnlyList<string>)(script.Flags?.Invoke(text) ?? [])).Select(flags =>
            $$$"""{"flagged":{{{Is(flags.Count > 0)}}},"categories":{ {{{Each(name => Is(flags.Contains(name)))}}} },"category_scores":{ {{{Each(name => flags.Contains(name) ? "0.9" : "0.1")}}} }}""");
        string Each(Func<string, string> value) => string.Join(',', known.Select(name => $"\"{name}\":{value(name)}"));
        static string Is(bool value) => value ? "true" : "false";
        return $$"""{"id":"modr-{{asked.Number}}","model":{{Json.Quote(asked.Model)}},"results":[{{string.Join(',', results)}}]}""";
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

    private static string Values(int index, int? dimensions) => $$"""{"values":{{Floats([.. Vector(index, dimensions ?? Dimensions)])}}}""";

    private static string Floats(IReadOnlyList<float> vector) => $"[{string.Join(',', vector.Select(static value => value.ToString("R", CultureInfo.InvariantCulture)))}]";

    private static string Base64(IReadOnlyList<float> vector)
    {
        var bytes = new byte[vector.Count * sizeof(float)];
        var at = 0;
        foreach (var value in vector)
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
