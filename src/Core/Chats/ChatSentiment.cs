namespace Agora.Core.Chats;

/// <summary>How what a person said sounds, as a service of the catalogue judged it before the reply. It is sealed with the words, for it says something of whoever said them.</summary>
/// <param name="ServiceId">Which is asked; turns that follow go on with it.</param>
/// <param name="MaxPriceMicros">The most that it may cost; null: what a sponsor pays for.</param>
/// <param name="Label">One of <see cref="Labels"/>; null: it was not judged.</param>
/// <param name="Thousandths">From -1,000, as bad as can be, to 1,000.</param>
/// <param name="RunId">Its run; null: none was begun.</param>
/// <param name="Failure">A code; null: it was judged.</param>
/// <param name="Why">The same in words.</param>
public sealed record ChatSentiment(string ServiceId, long? MaxPriceMicros = null, string? Label = null, int? Thousandths = null, Guid? RunId = null, string? Failure = null, string? Why = null)
{
    public const string Positive = "positive";
    public const string Neutral = "neutral";
    public const string Negative = "negative";

    public const int Most = 1_000;

    public static readonly IReadOnlyList<string> Labels = [Positive, Neutral, Negative];

    /// <summary>As it is asked for in a turn: nobody has judged yet.</summary>
    public ChatSentiment AsWished() => this with { Label = null, Thousandths = null, RunId = null, Failure = null, Why = null };
}
