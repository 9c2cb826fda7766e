using Agora.Models;

namespace Agora.Providers;

/// <summary>Closed: what came of a call, by what is known of its cost.</summary>
public abstract record ProviderAnswer
{
    private ProviderAnswer()
    {
    }

    /// <summary>Certainly nothing was sent that could cost: it costs nothing.</summary>
    public sealed record Unsent(ProviderFault Fault) : ProviderAnswer;

    /// <summary>The provider said that it did nothing: it costs nothing.</summary>
    public sealed record Refused(ProviderFault Fault) : ProviderAnswer;

    /// <summary>It was sent, and whether it was done, and what it cost, is not known.</summary>
    public sealed record Unknown(ProviderFault Fault) : ProviderAnswer;

    /// <summary>All of it at once. What it cost is known where it says its usage.</summary>
    public sealed record Whole(ModelReply Reply) : ProviderAnswer;

    /// <summary>It comes piece by piece; the caller's to dispose of.</summary>
    public sealed record Streamed(ProviderStream Stream) : ProviderAnswer;

    /// <summary>Sound, as it comes; the caller's to dispose of. What it costs follows from what was asked.</summary>
    public sealed record Sounding(ProviderSound Sound) : ProviderAnswer;
}
