using System.Buffers.Binary;
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
/// <param name="FirstMsBelow">The model has begun its answers sooner than this of late, or nobody has measured it; null: however late it begins.</param>
/// <param name="Shadow">Some of its calls are made a second time; null: none is.</param>
/// <param name="Sentiment">How what is said in a chat was judged to sound; null: however it does, and where nobody judged.</param>
public sealed record RouteRule(
    string To,
    long? InputTokensBelow = null,
    bool? HasTools = null,
    bool? HasImages = null,
    string? Wish = null,
    long? FreeBelowMicros = null,
    int? ShareBasisPoints = null,
    int? FirstMsBelow = null,
    RouteShadow? Shadow = null,
    string? Sentiment = null)
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

        if (Sentiment is { } sentiment)
        {
            if (facts.Sentiment != sentiment) return null;
            why.Add($"what is said sounds {sentiment}");
        }

        if (FreeBelowMicros is { } free)
        {
            if (!(facts.FreeMicros < free)) return null;
            why.Add($"less than {Money.FormatCents(free)} cents are left");
        }

        if (FirstMsBelow is { } soon)
        {
            if (facts.FirstMs >= soon) return null;
            why.Add(facts.FirstMs is { } first ? $"its first token comes after {first} ms, less than {soon}" : $"nothing says that its first token takes {soon} ms");
        }

        if (ShareBasisPoints is { } share)
        {
            if (Drawn(call, 12) >= share) return null;
            why.Add($"it is among {share} of {Whole}");
        }

        return why.Count == 0 ? "no rule before it fits" : string.Join(", ", why);
    }

    /// <summary>What models rules name, each with where it stands in the definition.</summary>
    public static IEnumerable<(string Model, string Path)> Named(IReadOnlyList<RouteRule> rules)
    {
        for (var i = 0; i < rules.Count; i++)
        {
            yield return (rules[i].To, $"/routes/{i}/to");
            if (rules[i].Shadow is { } shadow)
            {
                yield return (shadow.To, $"/routes/{i}/shadow/to");
            }
        }
    }

    /// <summary>Null: they may stand, as far as the router itself can tell.</summary>
    internal static Rejection? Refusal(string router, IReadOnlyList<RouteRule> rules)
    {
        foreach (var (model, path) in Named(rules))
        {
            if (model == router) return ServiceRejection.RouteToRouter(path);
        }

        for (var i = 0; i < rules.Count; i++)
        {
            if (rules[i].Shadow?.To == rules[i].To)
            {
                return ServiceRejection.ShadowOfItself($"/routes/{i}/shadow/to");
            }
        }

        return null;
    }

    /// <summary>Less than <see cref="Whole"/>, each as often as any other.</summary>
    /// <param name="from">The bytes of the id by which it is drawn: what two are to draw apart has others.</param>
    internal static uint Drawn(Guid call, int from)
    {
        Span<byte> bytes = stackalloc byte[16];
        _ = call.TryWriteBytes(bytes);
        return BinaryPrimitives.ReadUInt32LittleEndian(bytes[from..]) % Whole;
    }
}

/// <summary>Calls of a rule that are made a second time, of another model, whose answers nobody sees.</summary>
/// <param name="To">The id of a model, which is no route itself.</param>
/// <param name="ShareBasisPoints">So many of ten thousand, by their ids: drawn apart from the rule's own share, or all of a small one would be among them.</param>
public sealed record RouteShadow(string To, int ShareBasisPoints)
{
    public bool Takes(Guid call) => RouteRule.Drawn(call, 8) < ShareBasisPoints;
}

/// <summary>What rules look at.</summary>
/// <param name="InputTokens">At most read.</param>
/// <param name="FreeMicros">Left of the session's budget; null: no rule asks.</param>
/// <param name="FirstMs">How soon the rule's model begins its answers; null: it has not been measured, or no rule asks.</param>
/// <param name="Sentiment">How what is said sounds; null: nobody has judged that.</param>
public sealed record RouteFacts(long InputTokens, bool HasTools, bool HasImages, string? Wish, long? FreeMicros, int? FirstMs = null, string? Sentiment = null);
