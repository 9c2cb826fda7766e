using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using Agora.Core.Kernel;
using Agora.Core.Users;
using Decided = Agora.Core.Kernel.Decision<Agora.Core.Agents.AgentState, Agora.Core.Agents.AgentEvent>;

namespace Agora.Core.Agents;

/// <summary>
/// An agent: who is behind it, its keys, and its card.
/// <para>Of its card what stands is the merge of all that were put (<see cref="SignedCard"/>); the first binds the id to the key that it begins with, and a revocation is for ever.</para>
/// <para>Rules. The owner is absolute: the same one again changes nothing. A key is issued for a time that has not passed, at most <see cref="Limits.LiveKeys"/> at once. Revoking is for
/// ever, and the second time answers as the first; a stop that is asked again tells again, for sessions that have come since; what a revoked key opened, and what a stopped agent does, is ended or suspended by the
/// streams of the users concerned, which are found in the table of sessions and told. A presented hash is compared with every key in constant time, so neither
/// how near it came nor which key it was can be measured.</para>
/// </summary>
public static class AgentDecider
{
    public static Decided Decide(AgentState state, AgentCommand command, Context context) => command switch
    {
        AgentCommand.PutAgent c => PutAgent(state, c, context),
        AgentCommand.Get => state.UpdatedAt is { } at ? Decided.Query(state.View(at)) : Decided.Reject(AgentRejection.NotFound),
        AgentCommand.IssueKey c => IssueKey(state, c, context),
        AgentCommand.RevokeKey c => RevokeKey(state, c, context),
        AgentCommand.Stop c => Stand(state, stop: true, c.Reason, context),
        AgentCommand.Start c => Stand(state, stop: false, c.Reason, context),
        AgentCommand.Told c => Told(state, c),
        AgentCommand.VerifyKey c => VerifyKey(state, c, context),
        AgentCommand.ListKeys => state.UpdatedAt is null ? Decided.Reject(AgentRejection.NotFound) : Decided.Query(state.ViewKeys(context.Now)),
        AgentCommand.PutCard c => PutCard(state, c, context),
        AgentCommand.RevokeCard c => RevokeCard(state, c, context),
        AgentCommand.TakeLease c => TakeLease(state, c, context),
        AgentCommand.Admit c => Admit(state, c),
        AgentCommand.VerifyCard c => SignerRefused(state, c.Key) is { } refused ? Decided.Reject(refused).AsQuery() : Decided.Query(new KeyAccepted(Openers.Card, null, state.Revision)),
        AgentCommand.GetPresence c => Decided.Query(new AgentPresence(!state.Stopped && state.Card is { Signed.IsRevoked: false, LeaseUntil: { } until } && context.Now < until && !(c.By is { } by && state.Blocked.ContainsKey(by)))),
        AgentCommand.GetStanding c => Decided.Query(new AgentStanding(Refused(state, c.By, context.Now))),
        AgentCommand.Block c => Peers.Block(state, c, context),
        AgentCommand.Unblock c => Peers.Unblock(state, c),
        AgentCommand.Blocks => Decided.Query(new BlockList([.. state.Blocked.Select(block => new PeerBlock(block.Key, block.Value))])),
        AgentCommand.NoteInvitations c => Peers.Invite(state, c, context),
        AgentCommand.Invitations => Decided.Query(new InvitationList([.. state.Open(context.Now)])),
        AgentCommand.EndInvitations c => Peers.Answered(state, c),
        AgentCommand.FileReport c => Reporting.File(state, c, context),
        AgentCommand.ResolveReport c => Reporting.Resolve(state, c, context),
        AgentCommand.Tick => Decided.Accept(Nothing.Value),
        _ => throw new UnreachableException(),
    };

    private static Decided PutAgent(AgentState state, AgentCommand.PutAgent c, Context context)
    {
        var known = state.UpdatedAt is { } at ? state.View(at) : null;
        if (c.Replacing?.If?.Refusal(known?.Etag) is { } failed) return Decided.Reject(failed);
        if (known is not null && known.Owner == c.Owner) return Decided.Accept(known);

        var view = new AgentView(state.Stream.Id, c.Owner, context.Now, state.Stopped, c.Replacing?.Dropped(Given(state.Owner), Given(c.Owner)));
        return Decided.Accept(view, new AgentEvent.AgentPut(view));
    }

    private static Decided PutCard(AgentState state, AgentCommand.PutCard c, Context context)
    {
        if (state.Card is not { } known) return Decided.Accept(New(), new AgentEvent.CardPut(New()));
        if (known.Signed.Genesis != c.Card.Genesis) return Decided.Reject(AgentRejection.KeyMismatch);
        if (known.Signed.IsRevoked) return Decided.Reject(AgentRejection.CardRevoked);

        var merged = known.Signed.Merge(c.Card);
        if (merged.Is(known.Signed)) return Decided.Accept(known);

        var card = known with { Signed = merged, UpdatedAt = context.Now };
        return Decided.Accept(card, new AgentEvent.CardPut(card));

        AgentCard New() => new(state.Stream.Id, c.Card, context.Now, context.Now);
    }

    private static Decided RevokeCard(AgentState state, AgentCommand.RevokeCard c, Context context)
    {
        if (IsTelling(state, context)) return Decided.Later();
        if (state.Card is not { } known) return Decided.Reject(AgentRejection.NoCard);
        if (c.Genesis is not null && c.Genesis != known.Signed.Genesis) return Decided.Reject(AgentRejection.KeyMismatch);

        var revoked = known.Signed.Revoke(c.Word);
        if (revoked.Is(known.Signed)) return Decided.Accept(known);

        var card = known with { Signed = revoked, UpdatedAt = context.Now };
        return known.Signed.IsRevoked && c.Genesis is not null ? Decided.Accept(card, new AgentEvent.CardRevoked(card)) : Telling(state, new AgentEvent.CardRevoked(card, context.CommandId), context);
    }

    /// <summary>A row at most in half a lease: until then what is known is as good.</summary>
    private static Decided TakeLease(AgentState state, AgentCommand.TakeLease c, Context context)
    {
        if (state.Card is not { } known) return Decided.Reject(AgentRejection.NoCard);
        if (known.Signed.IsRevoked) return Decided.Reject(AgentRejection.CardRevoked);

        var half = TimeSpan.FromSeconds(c.Seconds) / 2;
        if (known.LeaseSeconds == c.Seconds && known.LeaseUntil is { } until && until - context.Now > half)
        {
            return Decided.Accept(new AgentLease(until, c.Seconds));
        }

        var lease = new AgentLease(context.Now.AddSeconds(c.Seconds), c.Seconds);
        return Decided.Accept(lease, new AgentEvent.LeaseTaken(lease)).Ride(Riding.Soon);
    }

    private static IReadOnlyList<string> Given(string? owner) => Replacing.Given(("owner", owner is not null));

    private static Decided IssueKey(AgentState state, AgentCommand.IssueKey c, Context context)
    {
        if (c.ExpiresAt <= context.Now) return Decided.Reject(AgentRejection.ExpiryPast);
        if (state.LiveKeys(context.Now) >= Limits.LiveKeys) return Decided.Reject(AgentRejection.TooManyKeys);

        var id = context.NewId(0).ToString("N");
        return Decided.Accept(new KeyIssued(id, c.ExpiresAt, c.UserId), new AgentEvent.KeyIssued(id, c.Hash, c.ExpiresAt, c.UserId));
    }

    private static Decided RevokeKey(AgentState state, AgentCommand.RevokeKey c, Context context)
    {
        if (IsTelling(state, context)) return Decided.Later();
        if (!state.Keys.TryGetValue(c.KeyId, out var key)) return Decided.Reject(AgentRejection.NoSuchKey);
        if (key.RevokedAt is { } before) return Decided.Accept(new KeyRevoked(c.KeyId, before));

        return Telling(state, new AgentEvent.KeyRevoked(c.KeyId, context.Now, context.CommandId), context);
    }

    private static Decided Stand(AgentState state, bool stop, string reason, Context context)
    {
        if (IsTelling(state, context)) return Decided.Later();
        if (state.UpdatedAt is not { } before) return Decided.Reject(AgentRejection.NotFound);
        if (!state.Stopped && !stop) return Decided.Accept(state.View(before));
        if (state.Untold.Count(u => u.KeyId is null) >= Limits.LiveKeys) return Decided.Reject(AgentRejection.StillTelling);

        // Users who have heard it hear nothing new under the same revision.
        var revision = state.Stopped == stop ? state.Revision : state.Revision + 1;
        return Telling(state, stop ? new AgentEvent.Stopped(context.CommandId, reason, revision) : new AgentEvent.Started(context.CommandId, reason, revision), context);
    }

    /// <summary>The answer waits until all users were tried once; whoever was out of reach is told again with the alarm.</summary>
    private static Decided Telling(AgentState state, AgentEvent changed, Context context)
    {
        var after = state.Evolve(changed, context.Now);
        return Decided.Later(changed).Then(TellStep(after, after.Untold[^1]));
    }

    private static Step TellStep(AgentState state, Untold untold) => new(
        Phase.AfterCommit,
        new StepTarget.Outside(new EachUser(state.Stream.Id, untold.KeyId is { } key ? new UserCommand.EndKey(state.Stream.Id, key) : new UserCommand.SetAgentStanding(state.Stream.Id, state.Stopped, state.Revision))),
        outcome => new AgentCommand.Told(untold.CommandId, outcome is StepOutcome.Answered),
        untold.CommandId);

    private static Decided Told(AgentState state, AgentCommand.Told c)
    {
        if (state.Untold.FirstOrDefault(u => u.CommandId == c.CommandId) is not { } untold) return Decided.NoChange;
        if (!c.Reached && untold.Answered) return Decided.NoChange;

        var told = untold.KeyId switch
        {
            null => new AgentEvent.UsersTold(c.CommandId, null, untold.View ?? state.View(state.UpdatedAt!.Value), !c.Reached),
            Openers.Card => new AgentEvent.UsersTold(c.CommandId, null, null, !c.Reached, state.Card),
            { } key => new AgentEvent.UsersTold(c.CommandId, new(key, state.Keys[key].RevokedAt!.Value), null, !c.Reached),
        };
        return Decided.Did(told).Answering(c.CommandId, Answer.Of(ReplyOf(told)));
    }

    private static bool IsTelling(AgentState state, Context context) => state.Untold.Any(u => u.CommandId == context.CommandId && !u.Answered);

    private static object ReplyOf(AgentEvent.UsersTold told) => (object?)told.Key ?? (object?)told.Card ?? told.View!;

    private static Decided VerifyKey(AgentState state, AgentCommand.VerifyKey c, Context context)
    {
        var presented = Encoding.UTF8.GetBytes(c.Hash);
        AgentKey? accepted = null;
        foreach (var key in state.Keys.Values)
        {
            var equal = CryptographicOperations.FixedTimeEquals(presented, Encoding.UTF8.GetBytes(key.Hash));
            accepted = equal & key.IsLive(context.Now) ? key : accepted;
        }

        return accepted is null ? Decided.Reject(AgentRejection.Unauthorized)
            : state.Stopped ? Decided.Reject(UserRejection.Stopped).AsQuery()
            : Decided.Query(new KeyAccepted(accepted.KeyId, accepted.ExpiresAt, state.Revision, accepted.UserId));
    }

    /// <summary>Once each, and only what was signed by the key that the card has now. A row is written where a second has not been taken yet (<see cref="SignedSeconds"/>).</summary>
    private static Decided Admit(AgentState state, AgentCommand.Admit c)
    {
        if (SignerRefused(state, c.Key) is { } refused) return Decided.Reject(refused).AsQuery();

        var signed = state.Signed ?? SignedSeconds.Since(state.SignedUntil);
        if (signed.Knows(c.Created, c.Nonce)) return Decided.Reject(SignatureRejection.Of(SignatureRejection.Replayed)).AsQuery();
        if (c.Created <= signed.After) return Decided.Reject(SignatureRejection.Before(signed.After - c.Created + 1)).AsQuery();
        if (signed.Count >= Limits.SignedRequests) return Decided.Reject(SignatureRejection.TooMany(signed.SecondsUntilRoom)).AsQuery();

        var admitted = state with { Signed = signed.Admit(c.Created, c.Nonce) };
        if (c.Created <= state.SignedUntil) return Decided.Query(new RequestAdmitted(state.SignedUntil.Value, state.Revision)).WithSoft(admitted);

        var until = c.Created + Limits.SignedSecondsAhead;
        return Decided.Accept(new RequestAdmitted(until, state.Revision), new AgentEvent.SecondsTaken(until)).WithSoft(admitted);
    }

    private static string? Refused(AgentState state, string? by, DateTimeOffset now) =>
        state.Stopped ? "The agent is stopped."
        : by is null ? null
        : by == Openers.Card ? (state.Card is { Signed.IsRevoked: false } ? null : "The agent's card is revoked.")
        : state.Keys.GetValueOrDefault(by) is { } key && key.IsLive(now) ? null : "The key is revoked or has expired.";

    private static Rejection? SignerRefused(AgentState state, string key) =>
        state.Card is not { } card ? SignatureRejection.Of(SignatureRejection.UnknownKey)
        : card.Signed.IsRevoked ? SignatureRejection.Of(SignatureRejection.RevokedKey)
        : card.Signed.Key != key ? SignatureRejection.Of(SignatureRejection.OtherKey)
        : state.Stopped ? UserRejection.Stopped : null;

    public static IEnumerable<Step> Unfinished(AgentState state, DateTimeOffset now) => state.Untold.Select(untold => TellStep(state, untold));

    public static bool IsUnfinished(AgentState state) => !state.Untold.IsEmpty;

    public static LateAnswer? Recall(AgentEvent @event, Guid commandId) => @event switch
    {
        AgentEvent.AgentPut e => new(commandId, Answer.Of(e.View)),
        AgentEvent.KeyIssued e => new(commandId, Answer.Of(new KeyIssued(e.KeyId, e.ExpiresAt, e.UserId))),
        AgentEvent.KeyRevoked e when e.CommandId == Guid.Empty => new(commandId, Answer.Of(new KeyRevoked(e.KeyId, e.RevokedAt))),
        AgentEvent.UsersTold e => new(e.CommandId, Answer.Of(ReplyOf(e))),
        AgentEvent.SecondsTaken e => new(commandId, Answer.Of(new RequestAdmitted(e.Until))),
        AgentEvent.CardPut e => new(commandId, Answer.Of(e.Card)),
        AgentEvent.CardRevoked e when e.CommandId == Guid.Empty => new(commandId, Answer.Of(e.Card)),
        AgentEvent.LeaseTaken e => new(commandId, Answer.Of(e.Lease)),
        AgentEvent.PeerBlocked e => new(commandId, Answer.Of(new PeerBlock(e.AgentId, e.Since))),
        AgentEvent.PeerUnblocked e => new(commandId, Answer.Of(new PeerBlock(e.AgentId, null))),
        AgentEvent.Reported e => new(commandId, Answer.Of(e.Report)),
        AgentEvent.ReportEnded e => new(commandId, Answer.Of(e.Resolved)),
        AgentEvent.InvitationsNoted or AgentEvent.InvitationsEnded => new(commandId, Answer.Of(Nothing.Value)),
        AgentEvent.KeyRevoked or AgentEvent.CardRevoked or AgentEvent.Stopped or AgentEvent.Started => null,
        _ => throw new UnreachableException(),
    };
}
