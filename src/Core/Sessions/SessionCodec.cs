using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Agora.Core.Access;
using Agora.Core.Kernel;
using Agora.Core.Nodes;
using Agora.Core.Runs;

namespace Agora.Core.Sessions;

/// <summary>Stored names of a session's events and commands, with those of its runs. Constants for ever.</summary>
public static class SessionCodec
{
    /// <summary>Version 1 does not know whom the agent may talk to.</summary>
    public const int SnapshotVersion = 2;

    public static readonly UnionCodec<LeafEvent> Events = new UnionCodec<LeafEvent>()
        .Case<SessionEvent.Begun>("session.begun")
        .Case<SessionEvent.Audited>("session.audited")
        .Case<SessionEvent.RateExceeded>("session.rate_exceeded")
        .Case<SessionEvent.StandingChanged>("session.standing_changed")
        .Case<SessionEvent.Revoked>("session.revoked")
        .Case<SessionEvent.EndedFor>("session.ended_for")
        .Case<SessionEvent.CloseCounted>("session.close_counted")
        .Including(RunCodec.Events)
        .Case<SessionEvent.TaskSubmitted>("session.task_submitted")
        .Case<SessionEvent.TaskRecorded>("session.task_recorded")
        .Case<SessionEvent.TaskRefused>("session.task_refused")
        .Case<SessionEvent.ConsentWithdrawalRecorded>("session.consent_withdrawal_recorded")
        .Case<SessionEvent.ClaimRecorded>("session.claim_recorded")
        .Case<SessionEvent.Delegated>("session.delegated")
        .Case<SessionEvent.DelegationBegun>("session.delegation_begun")
        .Case<SessionEvent.DelegationRefused>("session.delegation_refused")
        .Case<SessionEvent.ChildEnded>("session.child_ended")
        .Case<SessionEvent.EndedAbove>("session.ended_above")
        .Case<SessionEvent.ParentTold>("session.parent_told")
        .Case<SessionEvent.HoldReserved>("session.hold_reserved", hot: SessionJson.Default.HoldReserved)
        .Case<SessionEvent.HoldPosted>("session.hold_posted", hot: SessionJson.Default.HoldPosted)
        .Case<SessionEvent.HoldVoided>("session.hold_voided")
        .Case<SessionEvent.RefundTaken>("session.refund_taken")
        .Case<SessionEvent.RefundReleased>("session.refund_released");

    private static readonly UnionCodec<AccessCommand> Told = new UnionCodec<AccessCommand>()
        .Case<AccessCommand.Begin>("session.begin")
        .Case<AccessCommand.SetStanding>("session.set_standing");

    public static readonly UnionCodec<LeafCommand> Commands = new UnionCodec<LeafCommand>()
        .Carrying<SessionCommand.Access, AccessCommand>(Told, static c => c.Told, static told => new(told))
        .Case<SessionCommand.Visit>("session.visit")
        .Demanding<SessionCommand.Visit>("session.visit", 2, static c => c.Peers is not null)
        .Case<SessionCommand.CompleteTask>("session.complete_task")
        .Case<SessionCommand.ClaimTask>("session.claim_task")
        .Including(RunCodec.Commands)
        .Case<SessionCommand.GetRun>("session.get_run")
        .Case<SessionCommand.GetRuns>("session.get_runs")
        .Case<SessionCommand.WithdrawConsent>("session.withdraw_consent")
        .Case<SessionCommand.Revoke>("session.revoke")
        .Case<SessionCommand.EndByOperator>("session.end_by_operator")
        .Case<SessionCommand.Delegate>("session.delegate")
        .Case<SessionCommand.TakeRate>("session.take_rate")
        .Carrying<SessionCommand.Node, NodeCommand>(NodeCodec.OfSession, static c => c.Asked, static asked => new(asked))
        .Case<SessionCommand.EndAbove>("session.end_above")
        .Case<SessionCommand.CloseChild>("session.close_child")
        .Case<SessionCommand.Peek>("session.peek")
        .Case<SessionCommand.Tick>("session.tick");

    public static byte[] Save(SessionState s) => JsonSerializer.SerializeToUtf8Bytes(
        new Saved(
            s.SessionId, s.Tenant, s.AgentId, s.UserId, s.Scopes, s.Budget, s.CreatedAt, s.ExpiresAt, s.RevokedAt, s.CloseCounted, s.Suspended, s.SuspendedUntil,
            s.StandingRevision, s.Rate, [.. s.Pending.Values.Select(SavedRun.Of)], [.. s.Followers], [.. s.Tasks.Values], [.. s.Inputs], [.. s.Recent],
            s.Path.IsEmpty ? null : s.Path, s.Children.IsEmpty ? null : [.. s.Children.Values], s.Holds.Open.IsEmpty ? null : [.. s.Holds.Open.Values], s.EndedBy, s.ParentKnows,
            SavedApprovals.Awaiting(s.Approvals), SavedApprovals.Waited(s.Approvals),
            s.Refunds.Open.IsEmpty ? null : [.. s.Refunds.Open.Values], s.KeyId, s.OpenedUntil, s.CapsHit.IsEmpty ? null : s.CapsHit,
            s.ModelUse == ModelUse.None ? null : s.ModelUse, s.RaisedMicros, s.RaiseDenied),
        StoredJson.Options);

    public static SessionState Restore(ReadOnlyMemory<byte> saved)
    {
        var s = JsonSerializer.Deserialize<Saved>(saved.Span, StoredJson.Options) ?? throw new UndecodableException("session snapshot", SnapshotVersion);
        return new(s.SessionId, s.Tenant)
        {
            AgentId = s.AgentId,
            UserId = s.UserId,
            Scopes = s.Scopes,
            Budget = s.Budget,
            CreatedAt = s.CreatedAt,
            ExpiresAt = s.ExpiresAt,
            OpenedUntil = s.OpenedUntil,
            KeyId = s.KeyId,
            RevokedAt = s.RevokedAt,
            CloseCounted = s.CloseCounted,
            Suspended = s.Suspended,
            SuspendedUntil = s.SuspendedUntil,
            StandingRevision = s.StandingRevision,
            Rate = s.Rate,
            Pending = ImmutableSortedDictionary.CreateRange(s.Pending.Select(r => KeyValuePair.Create(r.RunId, r.Run))),
            Followers = [.. s.Followers],
            Tasks = ImmutableSortedDictionary.CreateRange(s.Tasks.Select(t => KeyValuePair.Create(t.CompletionId, t))),
            Inputs = RecentInputs.Of(s.Inputs),
            Recent = [.. s.Recent],
            CapsHit = [.. s.CapsHit ?? []],
            ModelUse = s.ModelUse ?? ModelUse.None,
            RaisedMicros = s.RaisedMicros,
            RaiseDenied = s.RaiseDenied,
            Tree = new(
                [.. s.Path ?? []],
                ImmutableSortedDictionary.CreateRange(StringComparer.Ordinal, (s.Children ?? []).Select(c => KeyValuePair.Create(c.SessionId, c))),
                (s.Children ?? []).Count(c => c.Opening is not null),
                HoldBook.Empty with { Open = HoldBook.Empty.Open.AddRange((s.Holds ?? []).Select(h => KeyValuePair.Create(h.Id, h))) },
                s.EndedBy,
                s.ParentKnows),
            Approvals = SavedApprovals.Restored(s.Awaiting, s.Waited),
            Refunds = HoldBook.Empty with { Open = HoldBook.Empty.Open.AddRange((s.Refunds ?? []).Select(h => KeyValuePair.Create(h.Id, h))) },
        };
    }

    private sealed record Saved(
        string SessionId, string Tenant, string? AgentId, string? UserId, Scopes Scopes, Account Budget, DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt,
        DateTimeOffset? RevokedAt, bool CloseCounted, bool Suspended, DateTimeOffset? SuspendedUntil, long StandingRevision, RateWindow Rate,
        IReadOnlyList<SavedRun> Pending, IReadOnlyList<Follower> Followers, IReadOnlyList<PendingTask> Tasks, IReadOnlyList<RecentInput> Inputs, IReadOnlyList<RunSummary> Recent,
        IReadOnlyList<PathNode>? Path = null, IReadOnlyList<Child>? Children = null, IReadOnlyList<Hold>? Holds = null, string? EndedBy = null,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool ParentKnows = false,
        IReadOnlyList<SavedAwaiting>? Awaiting = null, IReadOnlyList<SavedWaited>? Waited = null, IReadOnlyList<Hold>? Refunds = null,
        string? KeyId = null, DateTimeOffset? OpenedUntil = null, IReadOnlyList<CapHit>? CapsHit = null, ModelUse? ModelUse = null,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] long RaisedMicros = 0,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool RaiseDenied = false);
}
