using System.Globalization;

namespace Agora.ScriptedModels;

/// <summary>Usage in each maker's own way of counting, or in a wrong one.</summary>
internal static class UsageJson
{
    /// <summary>Cached and written tokens are part of the prompt, reasoning and audio of the completion.</summary>
    public static string OfChat(Counts counts, UsageFault fault) =>
        $$$"""{"prompt_tokens":{{{Of(counts.AllInput, fault)}}},"completion_tokens":{{{Of(counts.AllOutput, fault)}}},"total_tokens":{{{Of(counts.Total, fault)}}},"prompt_tokens_details":{"cached_tokens":{{{Of(counts.CacheRead, fault)}}},"audio_tokens":{{{Of(counts.InputAudio, fault)}}},"cache_write_tokens":{{{Of(counts.CacheWrite, fault)}}}},"completion_tokens_details":{"reasoning_tokens":{{{Of(counts.Reasoning, fault)}}},"audio_tokens":{{{Of(counts.OutputAudio, fault)}}},"accepted_prediction_tokens":0,"rejected_prediction_tokens":0}}""";

    /// <summary>As chat completions, without audio.</summary>
    public static string OfResponses(Counts counts, UsageFault fault) =>
        $$$"""{"input_tokens":{{{Of(counts.AllInput, fault)}}},"input_tokens_details":{"cached_tokens":{{{Of(counts.CacheRead, fault)}}},"cache_write_tokens":{{{Of(counts.CacheWrite, fault)}}}},"output_tokens":{{{Of(counts.AllOutput, fault)}}},"output_tokens_details":{"reasoning_tokens":{{{Of(counts.Reasoning, fault)}}}},"total_tokens":{{{Of(counts.Total, fault)}}}}""";

    /// <summary>The cache is beside the input; thinking is part of the output.</summary>
    public static string OfMessages(Counts counts, bool tellsThinking, string tier, UsageFault fault) =>
        $$$"""{"input_tokens":{{{Of(counts.Input, fault)}}},"cache_creation_input_tokens":{{{Of(counts.CacheWrite + counts.CacheWriteLong, fault)}}},"cache_read_input_tokens":{{{Of(counts.CacheRead, fault)}}},"cache_creation":{"ephemeral_5m_input_tokens":{{{Of(counts.CacheWrite, fault)}}},"ephemeral_1h_input_tokens":{{{Of(counts.CacheWriteLong, fault)}}}},"output_tokens":{{{Of(counts.AllOutput, fault)}}},"output_tokens_details":{{{Thinking(counts, tellsThinking, fault)}}},"server_tool_use":null,"service_tier":"{{{tier}}}"}""";

    /// <summary>Cumulative, without the parts of the cache's writes: those are in the stream's beginning only.</summary>
    public static string OfMessageDelta(Counts counts, bool tellsThinking, UsageFault fault) =>
        $$$"""{"input_tokens":{{{Of(counts.Input, fault)}}},"cache_creation_input_tokens":{{{Of(counts.CacheWrite + counts.CacheWriteLong, fault)}}},"cache_read_input_tokens":{{{Of(counts.CacheRead, fault)}}},"output_tokens":{{{Of(counts.AllOutput, fault)}}},"output_tokens_details":{{{Thinking(counts, tellsThinking, fault)}}},"server_tool_use":null}""";

    /// <summary>The cached are part of the prompt; thoughts are beside the candidates. What is nought is not written.</summary>
    public static string OfGenerate(Counts counts, UsageFault fault)
    {
        var candidates = counts.Output + counts.OutputAudio;
        var json = $$"""{"promptTokenCount":{{Of(counts.AllInput, fault)}}""";
        json += candidates > 0 ? $$""","candidatesTokenCount":{{Of(candidates, fault)}}""" : "";
        json += $$""","totalTokenCount":{{Of(counts.Total, fault)}}""";
        json += counts.CacheRead > 0 ? $$""","cachedContentTokenCount":{{Of(counts.CacheRead, fault)}}""" : "";
        json += $$""","promptTokensDetails":[{"modality":"TEXT","tokenCount":{{Of(counts.AllInput - counts.InputAudio, fault)}}}{{Audio(counts.InputAudio, fault)}}]""";
        json += counts.OutputAudio > 0 ? $$""","candidatesTokensDetails":[{"modality":"TEXT","tokenCount":{{Of(counts.Output, fault)}}}{{Audio(counts.OutputAudio, fault)}}]""" : "";
        json += counts.Reasoning > 0 ? $$""","thoughtsTokenCount":{{Of(counts.Reasoning, fault)}}""" : "";
        return json + "}";
    }

    /// <summary>Whether what was told is what will be billed.</summary>
    public static bool IsRight(UsageFault fault) => fault is UsageFault.None or UsageFault.Twice or UsageFault.Late or UsageFault.WithFinish;

    private static string Thinking(Counts counts, bool tells, UsageFault fault) => tells && counts.Reasoning > 0 ? $$"""{"thinking_tokens":{{Of(counts.Reasoning, fault)}}}""" : "null";

    private static string Audio(long tokens, UsageFault fault) => tokens == 0 ? "" : $$""",{"modality":"AUDIO","tokenCount":{{Of(tokens, fault)}}}""";

    private static string Of(long tokens, UsageFault fault) => fault switch
    {
        UsageFault.Negative => (-tokens - 1).ToString(CultureInfo.InvariantCulture),
        UsageFault.Strings => $"\"{tokens}\"",
        UsageFault.Huge => "4611686018427387904",
        UsageFault.Beyond => "92233720368547758080",
        UsageFault.Fractions => $"{tokens}.5",
        _ => tokens.ToString(CultureInfo.InvariantCulture),
    };
}
