using System.Collections.Immutable;
using System.Diagnostics;
using Agora.Core.Kernel;

namespace Agora.Core.Agents;

/// <summary>A key's standing. The key itself is nowhere: only the SHA-256 of its text, in lower-case hex.</summary>
/// <param name="UserId">The only user for whom it opens sessions; null: any.</param>
public sealed record AgentKey(string KeyId, string Hash, DateTimeOffset? ExpiresAt, DateTimeOffset? RevokedAt, string? UserId = null)
{
    private const int FingerprintLength = 16;

    public bool IsLive(DateTimeOffset now) => RevokedAt is null && !(now >= ExpiresAt);

    /// <summary>Its id says when it was issued (<see cref="Ids.Derive"/>).</summary>
    public AgentKeyView View(DateTimeOffset now) =>
        new(KeyId, Hash[..Math.Min(FingerprintLength, Hash.Length)], Ids.TimeOf(Guid.ParseExact(KeyId, "N")), ExpiresAt, RevokedAt, IsLive(now), UserId);
}

/// <summary>What the users at whom the agent has live sessions have yet to hear.</summary>
/// <param name="CommandId">Whose answer waits for it.</param>
/// <param name="KeyId">The key that was revoked; null: how the agent stands.</param>
/// <param name="Answered">All users were tried once, and one of them was out of reach.</param>
/// <param name="View">Of how the agent stands: what the command is answered, however often and whatever came after it. Null: a key's, or of a snapshot before this was kept.</param>
public sealed record Untold(
    Guid CommandId, string? KeyId, bool Answered = false, AgentView? View = null);

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

    /// <summary>An operator has stopped it: no user's session of it does anything.</summary>
    public bool Stopped { get; init; }

    /// <summary>Of its standing; users' streams know by it which of two they heard later.</summary>
    public long Revision { get; init; }

    /// <summary>One for each key that was revoked, and of its standing at most <see cref="Limits.LiveKeys"/>.</summary>
    public ImmutableArray<Untold> Untold { get; init; } = [];

    public AgentView View(DateTimeOffset updatedAt) => new(Stream.Id, Owner, updatedAt, Stopped);

    /// <summary>Of those that open nothing any more the newest <see cref="Limits.LiveKeys"/>.</summary>
    public AgentKeysView ViewKeys(DateTimeOffset now) => new(
        Stream.Id, [.. Keys.Values.Where(key => key.IsLive(now)).Concat(Keys.Values.Where(key => !key.IsLive(now)).TakeLast(Limits.LiveKeys)).OrderByDescending(key => key.KeyId, StringComparer.Ordinal).Select(key => key.View(now))]);

    public int LiveKeys(DateTimeOffset now) => Keys.Values.Count(k => k.IsLive(now));

    public AgentState Evolve(AgentEvent happened, DateTimeOffset at) => happened switch
    {
        AgentEvent.AgentPut e => this with { Owner = e.View.Owner, UpdatedAt = at },
        AgentEvent.KeyIssued e => this with { Keys = WithoutOldest(at).Add(e.KeyId, new(e.KeyId, e.Hash, e.ExpiresAt, null, e.UserId)), UpdatedAt = at },
        AgentEvent.KeyRevoked e => this with
        {
            Keys = Keys.SetItem(e.KeyId, Keys[e.KeyId] with { RevokedAt = e.RevokedAt }),
            UpdatedAt = at,
            Untold = e.CommandId == Guid.Empty ? Untold : Untold.Add(new(e.CommandId, e.KeyId)),
        },
        AgentEvent.Stopped e => Stand(stopped: true, e.Revision, e.CommandId, at),
        AgentEvent.Started e => Stand(stopped: false, e.Revision, e.CommandId, at),
        AgentEvent.UsersTold e => this with { Untold = e.Missed ? [.. Untold.Select(u => u.CommandId == e.CommandId ? u with { Answered = true } : u)] : Untold.RemoveAll(u => u.CommandId == e.CommandId) },
        _ => throw new UnreachableException(),
    };

    private AgentState Stand(bool stopped, long revision, Guid commandId, DateTimeOffset at)
    {
        var stands = this with { Stopped = stopped, Revision = revision, UpdatedAt = at };
        return stands with { Untold = Untold.Add(new(commandId, null, View: stands.View(at))) };
    }

    private ImmutableSortedDictionary<string, AgentKey> WithoutOldest(DateTimeOffset at) =>
        Keys.RemoveRange(Keys.Where(k => !k.Value.IsLive(at) && !Untold.Any(u => u.KeyId == k.Key)).Select(k => k.Key).SkipLast(Limits.LiveKeys));

    public void CheckInvariants()
    {
        Invariant.Check(Keys.Values.Count(k => k is { RevokedAt: null, ExpiresAt: null }) <= Limits.LiveKeys, "few_live_keys");
        Invariant.Check(Keys.Count <= (2 * Limits.LiveKeys) + Untold.Length, "few_keys");
    }
}
