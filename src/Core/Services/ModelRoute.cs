using Agora.Core.Kernel;

namespace Agora.Core.Services;

/// <summary>Which model is called under a name that is none: the first rule that fits. A rule without conditions fits always.</summary>
/// <param name="To">The id of a model, which is no route itself.</param>
/// <param name="InputTokensBelow">At most this is read, less one; null: however much.</param>
/// <param name="HasTools">Whether the request offers tools; null: either.</param>
/// <param name="HasImages">Whether it has images; null: either.</param>
/// <param name="Wish">What the client wishes for in Agora-Route; null: whatever it does.</param>
/// <param name="FreeBelowMicros">Less than this is left of the session's budget; null: however much.</param>
/// <param name="ShareBasisPoints">Of the calls that would fit, so many of ten thousand do, by their ids; null: all.</param>
public sealed record RouteRule(
    string To,
    long? InputTokensBelow = null,
    bool? HasTools = null,
    bool? HasImages = null,
    string? Wish = null,
    long? FreeBelowMicros = null,
    int? ShareBasisPoints = null)
{
    public const int Whole = 10_000;

    /// <summary>Null: it does not fit. Else why it does: server text.</summary>
    /// <param name="call">Any id of the call: by it a share is drawn, so that the same one is drawn the same.</param>
    public string? Why(RouteFacts facts, Guid call)
    {
        var why = new List<string>(4);
        if (InputTokensBelow is { } below)
        {
            if (facts.InputTokens >= below) return null;
            why.Add($"less than {below} tokens are read");
        }

        if (HasTools is { } tools)
        {
            if (facts.HasTools != tools) return null;
            why.Add(tools ? "it has tools" : "it has no tools");
        }

        if (HasImages is { } images)
        {
            if (facts.HasImages != images) return null;
            why.Add(images ? "it has images" : "it has no images");
        }

        if (Wish is { } wish)
        {
            if (facts.Wish != wish) return null;
            why.Add($"{wish} is wished for");
        }

        if (FreeBelowMicros is { } free)
        {
            if (!(facts.FreeMicros < free)) return null;
            why.Add($"less than {Money.FormatCents(free)} cents are left");
        }

        if (ShareBasisPoints is { } share)
        {
            Span<byte> bytes = stackalloc byte[16];
            _ = call.TryWriteBytes(bytes);
            if (System.Buffers.Binary.BinaryPrimitives.ReadUInt32LittleEndian(bytes[12..]) % Whole >= share) return null;
            why.Add($"it is among {share} of {Whole}");
        }

        return why.Count == 0 ? "no rule before it fits" : string.Join(", ", why);
    }
}

/// <summary>What rules look at.</summary>
/// <param name="InputTokens">At most read.</param>
/// <param name="FreeMicros">Left of the session's budget; null: no rule asks.</param>
public sealed record RouteFacts(long InputTokens, bool HasTools, bool HasImages, string? Wish, long? FreeMicros);
