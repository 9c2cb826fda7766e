using System.Collections.Immutable;
using Agora.Core.Kernel;

namespace Agora.Core.Agents;

/// <summary>
/// Which signed requests one activation has admitted, so that none is admitted twice. It is soft: a crash forgets it. What makes that safe is that seconds are taken before they are used:
/// <see cref="AgentState.SignedUntil"/> is durable before anything that was signed by then is admitted, and whoever loads the stream admits nothing of the seconds that others took. So whatever this
/// does not know is refused, by any process and after any crash, and most requests leave no row.
/// <para>It needs no clock. What is admitted was signed within <see cref="Limits.SignedApart"/> of the edge's, before or after; so what is twice that older than the newest is over,
/// and is refused for its age whether it is remembered or not.</para>
/// </summary>
/// <param name="After">Seconds of Unix time: nothing that was signed at or before it is admitted.</param>
/// <param name="Newest">The latest second of what was admitted.</param>
/// <param name="BySecond">Nonces of what was signed in each second, by a hash.</param>
public sealed record SignedSeconds(long After, long Newest, ImmutableSortedDictionary<long, ImmutableHashSet<Guid>> BySecond, int Count)
{
    private static readonly long Kept = 2 * (long)Limits.SignedApart.TotalSeconds;

    /// <param name="taken">By whoever had the stream before; null: nobody took any.</param>
    public static SignedSeconds Since(long? taken) => new(taken ?? long.MinValue, long.MinValue, ImmutableSortedDictionary<long, ImmutableHashSet<Guid>>.Empty, 0);

    public bool Knows(long created, Guid nonce) => BySecond.TryGetValue(created, out var nonces) && nonces.Contains(nonce);

    /// <summary>Until the oldest of them is over, where requests go on coming: 1 to 121.</summary>
    public long SecondsUntilRoom => Count == 0 ? 1 : Math.Clamp(BySecond.Keys.First() + Kept + 1 - Newest, 1, Kept + 1);

    public SignedSeconds Admit(long created, Guid nonce)
    {
        var (newest, seconds, count) = (Math.Max(Newest, created), BySecond, Count + 1);
        foreach (var (second, nonces) in BySecond)
        {
            if (second > newest - Kept) break;
            (seconds, count) = (seconds.Remove(second), count - nonces.Count);
        }

        return new(Math.Max(After, newest - Kept), newest, seconds.SetItem(created, seconds.GetValueOrDefault(created, []).Add(nonce)), count);
    }
}
