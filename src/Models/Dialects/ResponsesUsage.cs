using System.Text.Json;

namespace Agora.Models.Dialects;

/// <summary>Tokens as Responses counts them: cached ones are part of the input, reasoning is part of the output.</summary>
internal static class ResponsesUsage
{
    public static void Write(Utf8JsonWriter writer, Usage? usage)
    {
        if (usage is null)
        {
            writer.WriteNull("usage");
            return;
        }

        writer.WriteStartObject("usage");
        writer.WriteNumber("input_tokens", usage.AllInput);
        writer.WriteStartObject("input_tokens_details");
        writer.WriteNumber("cached_tokens", usage.CacheRead);
        writer.WriteNumber("cache_write_tokens", usage.CacheWrite + usage.CacheWriteLong);
        writer.WriteEndObject();
        writer.WriteNumber("output_tokens", usage.AllOutput);
        writer.WriteStartObject("output_tokens_details");
        writer.WriteNumber("reasoning_tokens", usage.Reasoning);
        writer.WriteEndObject();
        writer.WriteNumber("total_tokens", usage.Total);
        writer.WriteEndObject();
    }

    /// <summary>Each token into one bucket. A part that is more than its whole leaves nothing of the whole, and is counted itself.</summary>
    /// <exception cref="InvalidDataException">It is no count of tokens.</exception>
    public static Usage Read(JsonElement usage)
    {
        var input = Count(usage, "input_tokens", isWanted: true);
        var output = Count(usage, "output_tokens", isWanted: true);
        var read = Details(usage, "input_tokens_details", "cached_tokens");
        var written = Details(usage, "input_tokens_details", "cache_write_tokens");
        var reasoning = Details(usage, "output_tokens_details", "reasoning_tokens");
        return new(Input: Math.Max(0, input - read - written), CacheRead: read, CacheWrite: written, Output: Math.Max(0, output - reasoning), Reasoning: reasoning);
    }

    private static long Details(JsonElement usage, string details, string name)
    {
        if (!usage.TryGetProperty(details, out var inner) || inner.ValueKind == JsonValueKind.Null) return 0;
        if (inner.ValueKind != JsonValueKind.Object) throw new InvalidDataException($"'{details}' of usage is no object.");
        return Count(inner, name, isWanted: false);
    }

    private static long Count(JsonElement of, string name, bool isWanted)
    {
        if (of.ValueKind != JsonValueKind.Object) throw new InvalidDataException("Usage is no object.");
        if (!of.TryGetProperty(name, out var count) || count.ValueKind == JsonValueKind.Null)
        {
            return isWanted ? throw new InvalidDataException($"Usage has no '{name}'.") : 0;
        }

        return count.ValueKind == JsonValueKind.Number && count.TryGetInt64(out var tokens) && tokens is >= 0 and <= ModelLimits.UsageTokens
            ? tokens
            : throw new InvalidDataException($"'{name}' of usage is no count of tokens.");
    }
}
