using System.Collections.Immutable;
using Agora.Core.Kernel;

namespace Agora.Core.Funds;

/// <summary>A wallet that nothing is owed to, since the last transfer to it was known to have arrived.</summary>
public readonly record struct RestingPayee(DateTimeOffset Since, string Wallet);

/// <summary>
/// What a fund owes, by wallet. A wallet that is owed nothing rests. When it has rested for <see cref="Limits.ReleaseAfter"/> it is told that
/// it may forget this fund; and <see cref="Limits.PayeeKept"/> later this fund forgets the wallet.
/// <para>Numbers never begin anew: who is paid after having been forgotten gets a number above all that were (<see cref="Floor"/>). So a number says
/// the same to whoever remembers the fund and to whoever does not.</para>
/// <para>Bound: the wallets that are owed something, those of the last <see cref="Limits.PayeeKept"/>, and those that could not be told yet.</para>
/// </summary>
/// <param name="Resting">Those that may still remember the last number, oldest first.</param>
/// <param name="Released">Those that have been told, oldest first.</param>
/// <param name="Floor">The highest number of those that were forgotten.</param>
public sealed record PayableBook(ImmutableSortedDictionary<string, Payable> All, ImmutableSortedSet<RestingPayee> Resting, ImmutableSortedSet<RestingPayee> Released, long Floor)
{
    private static readonly IComparer<RestingPayee> Oldest = Comparer<RestingPayee>.Create(
        static (x, y) => x.Since.CompareTo(y.Since) is var bySince and not 0 ? bySince : string.CompareOrdinal(x.Wallet, y.Wallet));

    public static readonly PayableBook Empty = new(
        ImmutableSortedDictionary.Create<string, Payable>(StringComparer.Ordinal), ImmutableSortedSet.Create(Oldest), ImmutableSortedSet.Create(Oldest), 0);

    /// <summary>When the next wallet may be told to forget; null: none rests.</summary>
    public DateTimeOffset? NextRelease => Resting.IsEmpty ? null : Resting.Min.Since + Limits.ReleaseAfter;

    public Payable To(string wallet) => All.TryGetValue(wallet, out var known) ? known : Payable.After(Floor);

    public IEnumerable<RestingPayee> Releasable(DateTimeOffset now) => Resting.TakeWhile(rest => now - rest.Since >= Limits.ReleaseAfter).Take(Limits.ReleasesAtOnce);

    public PayableBook With(string wallet, Payable payable)
    {
        var rest = Without(wallet, All.GetValueOrDefault(wallet));
        var all = rest.All.SetItem(wallet, payable);
        return payable.RestsSince is not { } since ? rest with { All = all }
            : payable.Released ? rest with { All = all, Released = rest.Released.Add(new(since, wallet)) }
            : rest with { All = all, Resting = rest.Resting.Add(new(since, wallet)) };
    }

    public PayableBook Arrive(string wallet, long number, DateTimeOffset at) => With(wallet, To(wallet).Arrive(number, at)).Forgetting(at);

    /// <summary>The wallet has forgotten this fund.</summary>
    public PayableBook Release(string wallet) => With(wallet, To(wallet) with { Released = true });

    private PayableBook Forgetting(DateTimeOffset at)
    {
        var book = this;
        while (!book.Released.IsEmpty && book.Released.Min is var oldest && at - oldest.Since > Limits.PayeeKept)
        {
            var forgotten = book.All[oldest.Wallet];
            book = book with { All = book.All.Remove(oldest.Wallet), Released = book.Released.Remove(oldest), Floor = Math.Max(book.Floor, forgotten.LastNumber) };
        }

        return book;
    }

    private PayableBook Without(string wallet, Payable? before) => before is not { RestsSince: { } since } ? this
        : before.Released ? this with { Released = Released.Remove(new(since, wallet)) }
        : this with { Resting = Resting.Remove(new(since, wallet)) };
}
