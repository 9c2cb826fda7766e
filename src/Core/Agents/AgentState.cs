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
/// <param name="KeyId">The key that was revoked, or <see cref="Users.Openers.Card"/>; null: how the agent stands.</param>
/// <param name="Answered">All users were tried once, and one of them was out of reach.</param>
/// <param name="View">Of how the agent stands: what the command is answered, however often and whatever came after it. Null: a key's, a card's, or of a snapshot before this was kept.</param>
public sealed record Untold(
    Guid CommandId, string? KeyId, bool Answered = false, AgentView? View = null);

/// <summary>
/// An agent: who is behind it, and its keys. Invariants: <c>few_live_keys</c>, <c>few_keys</c>, <c>card_is_the_agents</c>, <c>few_signed_requests</c>, <c>few_blocks</c>, <c>few_invitations</c>, <c>few_reports</c>.
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

    /// <summary>One for each key that was revoked, one for its card, and of its standing at most <see cref="Limits.LiveKeys"/>.</summary>
    public ImmutableArray<Untold> Untold { get; init; } = [];

    /// <summary>What the agent says of itself; null: it is not registered.</summary>
    public AgentCard? Card { get; init; }

    /// <summary>The last second whose signed requests somebody may have admitted; null: none was.</summary>
    public long? SignedUntil { get; init; }

    /// <summary>What of them this activation admitted. Soft; null: nothing yet.</summary>
    public SignedSeconds? Signed { get; init; }

    /// <summary>Agents of which it wants to hear nothing, and since when.</summary>
    public ImmutableSortedDictionary<string, DateTimeOffset> Blocked { get; init; } = ImmutableSortedDictionary.Create<string, DateTimeOffset>(StringComparer.Ordinal);

    /// <summary>In the order in which it made them, those that count no more not yet taken out.</summary>
    public ImmutableArray<Invitation> Invitations { get; init; } = [];

    /// <summary>What it reported and nobody has resolved.</summary>
    public ImmutableSortedDictionary<Guid, Report> Reports { get; init; } = ImmutableSortedDictionary<Guid, Report>.Empty;

    /// <summary>Agents that took part when it had invited them, in the order in which that was noted.</summary>
    public ImmutableArray<string> Acquainted { get; init; } = [];

    /// <summary>Invitations that count.</summary>
    public IReadOnlyList<Invitation> Open(DateTimeOffset now) => [.. Invitations.SkipWhile(invitation => now - invitation.At >= Limits.InvitationKept)];

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
        AgentEvent.CardPut e => this with { Card = e.Card, UpdatedAt = at },
        AgentEvent.CardRevoked e => this with { Card = e.Card, UpdatedAt = at, Untold = e.CommandId == Guid.Empty ? Untold : Untold.Add(new(e.CommandId, Users.Openers.Card)) },
        AgentEvent.LeaseTaken e => this with { Card = Card! with { LeaseUntil = e.Lease.Until, LeaseSeconds = e.Lease.Seconds, UpdatedAt = at } },
        AgentEvent.PeerBlocked e => this with { Blocked = Blocked.SetItem(e.AgentId, e.Since) },
        AgentEvent.Reported e => this with { Reports = Reports.Add(e.Report.ReportId, e.Report) },
        AgentEvent.ReportEnded e => this with { Reports = Reports.Remove(e.Resolved.Report.ReportId) },
        AgentEvent.PeerUnblocked e => this with { Blocked = Blocked.Remove(e.AgentId) },
        AgentEvent.InvitationsNoted e => this with { Invitations = [.. Open(at), .. e.Agents.Select(agent => new Invitation(e.By, e.ConversationId, agent, at))] },
        AgentEvent.InvitationsEnded e => this with
        {
            Invitations = Invitations.RemoveAll(invitation => e.Ended.Contains(invitation) || e.Answered.Contains(invitation.AgentId)),
            Acquainted = [.. Acquainted.Except(e.Answered).Concat(e.Answered).TakeLast(Limits.Acquainted)],
        },
        AgentEvent.SecondsTaken e => this with { SignedUntil = e.Until },
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
        Invariant.Check(Card is null || Card.AgentId == Stream.Id, "card_is_the_agents");
        Invariant.Check(Signed is not { Count: > Limits.SignedRequests }, "few_signed_requests");
        Invariant.Check(Blocked.Count <= Limits.BlockedAgents, "few_blocks");
        Invariant.Check(Reports.Count <= Limits.OpenReports, "few_reports");
        Invariant.Check(Invitations.Length <= Limits.OpenInvitations, "few_invitations");
        Invariant.Check(Keys.Count <= (2 * Limits.LiveKeys) + Untold.Length, "few_keys");
    }
}
