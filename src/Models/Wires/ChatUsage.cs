using System.Text;
using System.Text.Json;

namespace Agora.Models.Wires;

/// <summary>
/// Tokens as OpenAI and others count them, parted into buckets. prompt_tokens holds what was cached, written to the cache, and heard; completion_tokens holds reasoning, audio, and what of a prediction was taken or rejected, which
/// is output like any other. Each bucket is what is left, and never below 0.
/// </summary>
internal static class ChatUsage
{
    /// <summary>Of a total: prompt, completion, and reasoning beside them.</summary>
    private const long MostInTotal = 3 * ModelLimits.UsageTokens;

    /// <returns>Null: it is not said, or half of it.</returns>
    public static Usage? Read(JsonElement reply)
    {
        var usage = ChatReading.Object(reply, "usage"u8);
        var (prompt, completion) = (Count(usage, "prompt_tokens"u8), Count(usage, "completion_tokens"u8));
        if (prompt is null || completion is null) return null;

        var read = prompt ?? 0;
        var written = completion ?? 0;
        var promptDetails = ChatReading.Object(usage, "prompt_tokens_details"u8);
        var completionDetails = ChatReading.Object(usage, "completion_tokens_details"u8);
        // DeepSeek and Moonshot say beside the sums what OpenAI says in the details.
        var cached = Count(promptDetails, "cached_tokens"u8) ?? Count(usage, "prompt_cache_hit_tokens"u8) ?? Count(usage, "cached_tokens"u8) ?? 0;
        var cacheWritten = Count(promptDetails, "cache_write_tokens"u8) ?? 0;
        var heard = Count(promptDetails, "audio_tokens"u8) ?? 0;
        var reasoning = Count(completionDetails, "reasoning_tokens"u8) ?? 0;
        var spoken = Count(completionDetails, "audio_tokens"u8) ?? 0;
        var inside = IsOutside(Count(usage, "total_tokens"u8, MostInTotal), read, written, reasoning) ? 0 : reasoning;
        return new(
            Input: Math.Max(0, read - cached - cacheWritten - heard), CacheRead: cached, CacheWrite: cacheWritten, InputAudio: heard,
            Output: Math.Max(0, written - inside - spoken), Reasoning: reasoning, OutputAudio: spoken);
    }

    /// <summary>Some servers (xAI) count reasoning beside the completion: the total, or without one the size, tells. Taken for a part of it, it would be billed once too little.</summary>
    private static bool IsOutside(long? total, long read, long written, long reasoning) =>
        reasoning > 0 && (total is { } all ? all == read + written + reasoning : reasoning > written);

    internal static long? Count(JsonElement value, ReadOnlySpan<byte> name, long most = ModelLimits.UsageTokens)
    {
        var member = ChatReading.Member(value, name);
        if (member.ValueKind == JsonValueKind.Undefined) return null;
        if (member.ValueKind == JsonValueKind.Number && member.TryGetInt64(out var count) && count >= 0 && count <= most) return count;

        throw new InvalidDataException($"The provider sent '{Encoding.UTF8.GetString(name)}' that is no count of tokens.");
    }
}
