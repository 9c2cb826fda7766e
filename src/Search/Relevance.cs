namespace Agora.Search;

/// <summary>
/// How well a document answers a query, 0 to 1, in three steps:
/// <list type="number">
/// <item>Simple BM25F (Robertson, Zaragoza, Taylor 2004): a term's count is Σ weight × occurrences over the fields, the
/// length likewise; each term scores idf × tf (k1+1) / (tf + k1 (1 − b + b × length / average)).</item>
/// <item>Divided by what a document could score at most, Σ idf × (k1+1) over all terms asked for, found or not. So the
/// value is absolute: it does not depend on the other hits or the page, and half of it means half of what was asked.</item>
/// <item>A sponsor multiplies the odds t / (1 − t) by 1 + class / 2, and what the caller's user likes is a class higher. That lifts a document over every other of the same
/// text, never out of 0..1, and a poor match not over a good one: 0.05 becomes 0.07 in class 1.</item>
/// </list>
/// A listing without text counts every document as <see cref="Listed"/>, so only the sponsor and what is liked order it.
/// All inputs belong to the live documents alone, not to the index's past: two replicas with the same documents give
/// the same pages.
/// </summary>
public static class Relevance
{
    public const int MaxBoost = 4;

    /// <summary>Even odds.</summary>
    internal const double Listed = 0.5;

    internal const int NameWeight = 5;
    internal const int CategoryWeight = 3;
    internal const int DescriptionWeight = 1;

    private const double Saturation = 1.2;
    private const double LengthShare = 0.75;

    internal static double Idf(int live, int holding) => Math.Log(1 + (live - holding + 0.5) / (holding + 0.5));

    /// <summary>The part of BM25 that depends on the document only.</summary>
    internal static double LengthNorm(int length, double averageLength) =>
        Saturation * (1 - LengthShare + LengthShare * length / averageLength);

    /// <summary>Without the factor k1 + 1, which cancels out against the maximum; always below 1.</summary>
    internal static double TermShare(uint frequency, double lengthNorm) => frequency / (frequency + lengthNorm);

    internal static double Boosted(double text, int boost)
    {
        double lift = 1 + boost / 2.0;
        return text * lift / (1 + text * (lift - 1));
    }
}
