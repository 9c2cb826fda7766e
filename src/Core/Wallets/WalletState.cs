using System.Collections.Immutable;
using System.Diagnostics;
using Agora.Core.Kernel;

namespace Agora.Core.Wallets;

/// <summary>What came from one source: the number of its last transfer, and the sum of all.</summary>
public sealed record Source(long LastNumber, long SumMicros);

/// <summary>
/// A wallet's money. Invariant <c>balance_is_sum_of_credits</c>, per source and in all.
/// <para>Bound: one <see cref="Source"/> per stream that ever paid in (a campaign, say), kept for ever: that is what makes each transfer count once for ever.</para>
/// </summary>
public sealed record WalletState(StreamId Stream, Account Balance, long CreditedMicros, ImmutableSortedDictionary<string, Source> Sources, DateTimeOffset UpdatedAt)
{
    public static WalletState Initial(StreamId stream) =>
        new(stream, Account.Empty, 0, ImmutableSortedDictionary.Create<string, Source>(StringComparer.Ordinal), DateTimeOffset.UnixEpoch);

    public WalletView View => new(Stream.Id, Balance.Remaining, CreditedMicros);

    public long LastNumberOf(string source) => Sources.TryGetValue(source, out var known) ? known.LastNumber : 0;

    public WalletState Evolve(WalletEvent happened, DateTimeOffset at) => happened switch
    {
        WalletEvent.Credited e => this with
        {
            Balance = Balance.Credit(e.AmountMicros),
            CreditedMicros = CreditedMicros + e.AmountMicros,
            Sources = Sources.SetItem(e.Source, new(e.Number, (Sources.GetValueOrDefault(e.Source)?.SumMicros ?? 0) + e.AmountMicros)),
            UpdatedAt = at,
        },
        _ => throw new UnreachableException(),
    };

    public void CheckInvariants(bool thorough)
    {
        Balance.CheckInvariants();
        Invariant.Check(Balance.Limit == CreditedMicros, "balance_is_sum_of_credits");
        if (thorough)
        {
            Invariant.Check(Sources.Values.Sum(s => s.SumMicros) == CreditedMicros, "balance_is_sum_of_credits");
        }
    }
}
