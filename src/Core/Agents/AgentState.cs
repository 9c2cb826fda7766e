using System.Collections.Immutable;
using System.Diagnostics;
using Agora.Core.Kernel;

namespace Agora.Core.Agents;

/// <summary>A key's standing. The key itself is nowhere: only the SHA-256 of its text, in lower-case hex.</summary>
public sealed record AgentKey(string KeyId, string Hash, DateTimeOffset? ExpiresAt, DateTimeOffset? RevokedAt)
{
    public bool IsLive(DateTimeOffset now) => RevokedAt is null && !(now >= ExpiresAt);
}

/// <summary>
/// An agent: who is behind it, and its keys. Invariants: <c>few_live_keys</c>, <c>few_keys</c>.
/// <para>Bound: <see cref="Limits.LiveKeys"/> that open something, and the newest as many that no longer do, so that revoking one
/// twice is answered alike; older dead ones are forgotten when another key is issued.</para>
/// </summary>
/// <param name="Keys">By key id, which sorts by time of issue.</param>
/// <param name="UpdatedAt">Null: nothing has happened to it.</param>
public sealed record AgentState(StreamId Stream, ImmutableSortedDictionary<string, AgentKey> Keys, string? Owner = null, DateTimeOffset? UpdatedAt = null)
{
    public static AgentState Initial(StreamId stream) => new(stream, ImmutableSortedDictionary.Create<string, AgentKey>(StringComparer.Ordinal));

    public AgentView View(DateTimeOffset updatedAt) => new(Stream.Id, Owner, updatedAt);

    public int LiveKeys(DateTimeOffset now) => Keys.Values.Count(k => k.IsLive(now));

    public AgentState Evolve(AgentEvent happened, DateTimeOffset at) => happened switch
    {
        AgentEvent.AgentPut e => this with { Owner = e.View.Owner, UpdatedAt = at },
        AgentEvent.KeyIssued e => this with { Keys = WithoutOldest(at).Add(e.KeyId, new(e.KeyId, e.Hash, e.ExpiresAt, null)), UpdatedAt = at },
        AgentEvent.KeyRevoked e => this with { Keys = Keys.SetItem(e.KeyId, Keys[e.KeyId] with { RevokedAt = e.RevokedAt }), UpdatedAt = at },
        _ => throw new UnreachableException(),
    };

    private ImmutableSortedDictionary<string, AgentKey> WithoutOldest(DateTimeOffset at) =>
        Keys.RemoveRange(Keys.Where(k => !k.Value.IsLive(at)).Select(k => k.Key).SkipLast(Limits.LiveKeys));

    public void CheckInvariants()
    {
        Invariant.Check(Keys.Values.Count(k => k is { RevokedAt: null, ExpiresAt: null }) <= Limits.LiveKeys, "few_live_keys");
        Invariant.Check(Keys.Count <= 2 * Limits.LiveKeys, "few_keys");
    }
}
