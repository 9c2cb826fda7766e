using System.Collections.Frozen;
using System.Text;
using System.Text.Json;

namespace Agora.ScriptedModels.Makers;

/// <summary>Google's generateContent and streamGenerateContent.</summary>
internal sealed class Generate : IMaker
{
    private static readonly FrozenSet<string> Known = FrozenSet.Create(
        StringComparer.Ordinal, "contents", "tools", "toolConfig", "safetySettings", "systemInstruction", "generationConfig", "cachedContent", "labels", "model", "serviceTier", "generateContentRequest");

    private static readonly FrozenSet<string> KnownConfig = FrozenSet.Create(
        StringComparer.Ordinal, "responseJsonSchema", "_responseJsonSchema", "candidateCount", "frequencyPenalty", "logprobs", "maxOutputTokens", "mediaResolution", "presencePenalty", "responseLogprobs",
        "responseMimeType", "responseModalities", "responseSchema", "seed", "speechConfig", "stopSequences", "temperature", "thinkingConfig", "topK", "topP", "enableEnhancedCivicAnswers");

    public Asked Read(Asked asked, bool isLenient)
    {
        var body = asked.Body;
        var config = body.Member("generationConfig") ?? JsonElement.Parse("{}");
        if (!isLenient)
        {
            body.KnowsOnly(Known, static name => $"Invalid JSON payload received. Unknown name \"{name}\": Cannot find field.");
            config.KnowsOnly(KnownConfig, static name => $"Invalid JSON payload received. Unknown name \"{name}\" at 'generation_config': Cannot find field.");
        }

        var tools = body.Each("tools").SelectMany(static tool => tool.Each("functionDeclarations")).Select(static tool => new AskedTool(tool.Needed("name"))).ToArray();
        var calling = body.Member("toolConfig")?.Member("functionCallingConfig");
        var thinking = config.Member("thinkingConfig");
        var budget = thinking?.Number("thinkingBudget");
        return asked with
        {
            MaxTokens = config.Number("maxOutputTokens") is { } max ? max > 0 ? max : throw new RefusedException(400, "max_output_tokens must be positive.") : null,
            Stop = config.Texts("stopSequences"),
            Tools = tools,
            MayCall = calling?.Text("mode") != "NONE",
            MustCall = calling?.Text("mode") == "ANY" && calling.Value.Texts("allowedFunctionNames") is [var only] ? only : null,
            EndsWithToolResult = CheckContents(body),
            WantsJson = config.Text("responseMimeType") == "application/json",
            MayReason = budget != 0,
            ShowsReasoning = thinking?.Flag("includeThoughts") ?? false,
            MaxReasoning = budget > 0 ? budget : null,
            InputTokens = Tokens.Of(body, "systemInstruction", "contents", "tools", "generationConfig"),
        };
    }

    public string Whole(Said said, Counts counts)
    {
        var parts = new List<string>();
        if (said.Asked.ShowsReasoning && said.Reasoning.Length > 0)
        {
            parts.Add($$"""{"text":{{Json.Quote(said.Reasoning)}},"thought":true}""");
        }

        if (said.Text.Length > 0 && !said.IsRefusal)
        {
            parts.Add($$"""{"text":{{Json.Quote(said.Text)}}}""");
        }

        parts.AddRange(said.Calls.Select((call, index) => CallOf(said, call, index)));
        return ReplyOf(said, string.Join(',', parts), FinishOf(said), said.Usage == UsageFault.Missing ? null : counts);
    }

    public IEnumerable<Frame> Stream(Said said, Meter meter)
    {
        if (said.Asked.ShowsReasoning)
        {
            foreach (var chunk in said.Chunks(said.Reasoning))
            {
                meter.Reasoning(chunk);
                yield return Of(FrameKind.Content, $$"""{"text":{{Json.Quote(chunk)}},"thought":true}""");
            }
        }
        else
        {
            meter.Reasoning(said.Reasoning);
        }

        foreach (var chunk in said.IsRefusal ? [] : said.TextChunks())
        {
            meter.Text(chunk);
            yield return Of(FrameKind.Content, $$"""{"text":{{Json.Quote(chunk)}}}""");
        }

        for (var index = 0; index < said.Calls.Count; index++)
        {
            meter.Text(said.Calls[index].Name);
            meter.Text(said.Calls[index].Arguments);
            yield return Of(FrameKind.Content, CallOf(said, said.Calls[index], index));
        }

        meter.IsAllWritten = true;
        if (said.Usage is UsageFault.Late or UsageFault.Awaited)
        {
            yield return new Frame(Data(ReplyOf(said, """{"text":""}""", FinishOf(said), null)), FrameKind.Tail, meter.Now);
            yield return new Frame(Data(ReplyOf(said, null, null, meter.Now)), FrameKind.Terminal, meter.Now, meter.Now);
        }
        else
        {
            yield return Of(FrameKind.Terminal, """{"text":""}""", FinishOf(said));
        }

        Frame Of(FrameKind kind, string part, string? finish = null)
        {
            var isTold = said.Usage is not (UsageFault.Missing or UsageFault.Late or UsageFault.Awaited);
            return new Frame(Data(ReplyOf(said, part, finish, isTold ? meter.Now : null)), kind, meter.Now, isTold && UsageJson.IsRight(said.Usage) ? meter.Now : null);
        }
    }

    public IEnumerable<byte[]> Failure(Said said, Meter meter, Counts? told) =>
        [Data(told is null ? Errors.Of(Maker.Google, 503, null) : ReplyOf(said, """{"text":""}""", "MALFORMED_FUNCTION_CALL", told))];

    /// <summary>Google ends its lines so.</summary>
    private static byte[] Data(string json) => Encoding.UTF8.GetBytes($"data: {json}\r\n\r\n");

    private static string ReplyOf(Said said, string? parts, string? finish, Counts? counts)
    {
        var candidates = parts is null ? "" : $$""" "candidates":[{"content":{"parts":[{{parts}}],"role":"model"}{{(finish is null ? "" : $",\"finishReason\":\"{finish}\"")}},"index":0}],""".TrimStart();
        var usage = counts is null ? "" : $"\"usageMetadata\":{UsageJson.OfGenerate(counts, said.Usage)},";
        return $$"""{{{candidates}}{{usage}}"modelVersion":{{Json.Quote(said.Asked.Model)}},"responseId":"{{said.Id}}"}""";
    }

    /// <summary>Signed at the first of them only, as Google does it.</summary>
    private static string CallOf(Said said, SaidCall call, int index)
    {
        var arguments = Json.IsObject(call.Arguments) ? call.Arguments : "{}";
        var seal = index == 0 && said.Reasoning.Length > 0 ? $",\"thoughtSignature\":\"{Seals.Of(Maker.Google, call.Name)}\"" : "";
        return $$$"""{"functionCall":{"id":"{{{call.Id}}}","name":{{{Json.Quote(call.Name)}}},"args":{{{arguments}}}}{{{seal}}}}""";
    }

    /// <summary>Calls have no reason of their own here.</summary>
    private static string FinishOf(Said said) => said.End switch
    {
        Ending.MetLimit => "MAX_TOKENS",
        Ending.Refused => "SAFETY",
        _ => "STOP",
    };

    /// <summary>True: the last are functions' responses.</summary>
    private static bool CheckContents(JsonElement body)
    {
        if (body.Member("contents") is not { ValueKind: JsonValueKind.Array } contents || contents.GetArrayLength() == 0)
        {
            throw new RefusedException(400, "* GenerateContentRequest.contents: contents is not specified");
        }

        int calls = 0, responses = 0;
        foreach (var content in contents.EnumerateArray())
        {
            if (content.Text("role") is not (null or "user" or "model" or "function"))
            {
                throw new RefusedException(400, "Please use a valid role: user, model.");
            }

            if (!content.Each("parts").Any()) throw new RefusedException(400, "* GenerateContentRequest.contents: contents.parts must not be empty.");

            responses = content.Each("parts").Count(static part => part.Member("functionResponse") is not null);
            if (responses != calls)
            {
                throw new RefusedException(400, "Please ensure that the number of function response parts is equal to the number of function call parts of the function call turn.");
            }

            calls = content.Each("parts").Count(static part => part.Member("functionCall") is not null);
            foreach (var part in content.Each("parts"))
            {
                if (part.Text("thoughtSignature") is { } seal && !Seals.IsOf(Maker.Google, seal))
                {
                    throw new RefusedException(400, "Corrupted thought signature.");
                }
            }
        }

        return responses > 0;
    }
}
