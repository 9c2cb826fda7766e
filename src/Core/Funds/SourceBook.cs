using System.Collections.Immutable;
using Agora.Core.Kernel;

namespace Agora.Core.Funds;

/// <summary>What came from one source: the number of its last transfer, and the sum of all since it was last forgotten.</summary>
public sealed record Source(long LastNumber, long SumMicros);

/// <summary>How a numbered transfer stands to what is remembered of its source.</summary>
public enum CreditStanding
{
    Taken = 1,
    Next,

    /// <summary>The source is not remembered, and the transfer too old to be the first of it: it is not taken under this time of sending, and never was.</summary>
    Late,
}

/// <summary>
/// Exactly-once for transfers, in bounded memory. A source numbers its transfers to a payee, one under way at a time, so the last number is
/// all that need be remembered of it; and that only until the source says that it knows durably that the number arrived. A source that is not
/// remembered begins with any number, but only with a young transfer: each is stamped with the time of its sending, and a source is
/// forgotten when all that it ever sent is too old by this stream's time. So whatever comes twice, however late, is an earlier number or too old.
/// <para>Bound: the sources that paid lately (<see cref="Limits.ReleaseAfter"/>), and those that have not said so yet.</para>
/// </summary>
/// <param name="ForgottenMicros">All that came from sources that are forgotten.</param>
public sealed record SourceBook(ImmutableSortedDictionary<string, Source> Known, long ForgottenMicros)
{
    public static readonly SourceBook Empty = new(ImmutableSortedDictionary.Create<string, Source>(StringComparer.Ordinal), 0);

    /// <summary>All that ever came.</summary>
    public long SumMicros => ForgottenMicros + Known.Values.Sum(source => source.SumMicros);

    public CreditStanding Find(string source, long number, DateTimeOffset? sentAt, DateTimeOffset now)
    {
        if (!Known.TryGetValue(source, out var known)) return now - sentAt <= Limits.ReserveMaxAge ? CreditStanding.Next : CreditStanding.Late;

        Invariant.Check(number <= known.LastNumber + 1, "transfer_gap");
        return number <= known.LastNumber ? CreditStanding.Taken : CreditStanding.Next;
    }

    public SourceBook Take(string source, long number, long amountMicros) =>
        this with { Known = Known.SetItem(source, new(number, (Known.GetValueOrDefault(source)?.SumMicros ?? 0) + amountMicros)) };

    public SourceBook Forget(string source) => new(Known.Remove(source), ForgottenMicros + Known[source].SumMicros);
}
