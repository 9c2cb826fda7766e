using System.Collections.Immutable;
using Agora.Core.Access;
using Agora.Core.Kernel;
using Agora.Core.Runs;
using Agora.Core.Users;

namespace Agora.Core.Sessions;

/// <summary>A completion that the user's stream has been asked for.</summary>
public sealed record PendingTask(Guid CompletionId, Guid CommandId, string CampaignId, AuditLine Line);

/// <summary>
/// One session: the leaf of its runs (<see cref="Leaf"/>), and what they do not know of it.
/// <para>Invariants: the budget's held amount is the sum of the prices of pending runs, here and below; no hold is both of a pending run and followed.</para>
/// </summary>
public sealed partial record SessionState(string SessionId, string Tenant) : Leaf(SessionId, Tenant)
{
    public string? PersonalKey => field ??= UserId is null ? null : UserState.PersonalKeyOf(Tenant, UserId);

    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it was to expire from the first, where a grant has shortened that; null: <see cref="Leaf.ExpiresAt"/>.</summary>
    public DateTimeOffset? OpenedUntil { get; init; }

    /// <summary>What opened it, as of <see cref="SessionOpened"/>.</summary>
    public string? KeyId { get; init; }

    public bool CloseCounted { get; init; }

    public long StandingRevision { get; init; }

    public ImmutableSortedDictionary<Guid, PendingTask> Tasks { get; init; } = ImmutableSortedDictionary<Guid, PendingTask>.Empty;

    protected override int TasksUnderWay => Tasks.Count;

    public SessionState Evolve(LeafEvent @event, DateTimeOffset at) => @event switch
    {
        RunEvent e => (SessionState)After(e, at),
        SessionEvent.Begun e => this with
        {
            AgentId = e.AgentId,
            UserId = e.UserId,
            Scopes = e.Scopes,
            Budget = Account.WithLimit(e.BudgetLimitMicros),
            CreatedAt = at,
            ExpiresAt = e.ExpiresAt,
            KeyId = e.KeyId,
            StandingRevision = e.Revision,
            Tree = e.Path is { Count: > 0 } path ? Tree with { Path = [.. path] } : Tree,
        },
        SessionEvent.Audited or SessionEvent.RateExceeded or SessionEvent.ConsentWithdrawalRecorded or SessionEvent.ClaimRecorded => this,
        SessionEvent.StandingChanged e => Within(e.Terms) with { Suspended = e.Suspended, SuspendedUntil = e.Until, StandingRevision = e.Revision },
        SessionEvent.Revoked e => this with { RevokedAt = e.Ended.RevokedAt },
        SessionEvent.EndedFor e => this with { RevokedAt = e.Ended.RevokedAt, StandingRevision = Math.Max(StandingRevision, e.Revision) },
        SessionEvent.CloseCounted => this with { CloseCounted = true },
        SessionEvent.TaskSubmitted e => this with { Tasks = Tasks.Add(e.CompletionId, new(e.CompletionId, e.CommandId, e.CampaignId, e.Line)) },
        SessionEvent.TaskRecorded e => this with { Tasks = Tasks.Remove(e.CompletionId) },
        SessionEvent.TaskRefused e => this with { Tasks = Tasks.Remove(e.CompletionId) },
        SessionEvent.Delegated e => this with { Tree = Tree.WithoutExpired(at).Opening(e.Child) },
        SessionEvent.DelegationBegun e => this with { Tree = Tree.Opened(e.Session.SessionId) },
        SessionEvent.DelegationRefused e => this with { Tree = Tree.Refused(e.SessionId) },
        SessionEvent.ChildEnded e => this with { Tree = Tree with { Children = Children.Remove(e.SessionId) } },
        SessionEvent.EndedAbove e => this with { RevokedAt = e.At, Tree = Tree with { EndedBy = e.By, ParentKnows = true } },
        SessionEvent.ParentTold => this with { Tree = Tree with { ParentKnows = true } },
        SessionEvent.HoldReserved e => Reserve(e, at),
        SessionEvent.HoldPosted e => Decide(e.HoldId, e.AmountMicros, e.Tokens, at),
        SessionEvent.HoldVoided e => Decide(e.HoldId, null, 0, at),
        SessionEvent.RefundTaken e => Take(e, at),
        SessionEvent.RefundReleased e => this with { Refunds = Refunds.Decide(e.TellId, posted: true, at) },
        _ => throw new System.Diagnostics.UnreachableException(@event.GetType().Name),
    };

    public void CheckInvariants(bool thorough)
    {
        Budget.CheckInvariants();
        var held = 0L;
        foreach (var (_, run) in Pending)
        {
            held += run.PriceMicros;
        }

        // Many runs below may be held at once: they are added up after a load only.
        var below = thorough && !Holds.Open.IsEmpty ? Holds.Open.Values.Sum(AmountOf) : 0;
        Invariant.Check(thorough || Holds.Open.IsEmpty ? Budget.Held == held + below : Budget.Held >= held, "held_is_the_sum_of_pending_runs");
        var tokens = thorough && ModelUse != ModelUse.None ? Pending.Values.Sum(run => run.Model?.Tokens ?? 0) + Holds.Open.Values.Sum(hold => TokensOf(hold) ?? 0) : ModelUse.HeldTokens;
        Invariant.Check(tokens == ModelUse.HeldTokens, "held_tokens_are_those_of_pending_calls");
        CheckRuns(thorough);
        Invariant.Check(!thorough || Tree.Openings == Children.Values.Count(c => c.Opening is not null), "openings_are_counted");
    }

    private SessionState Within(TermsInForce? terms) => terms is null ? this : this with
    {
        Scopes = terms.Scopes,
        Budget = Budget.SetLimit(terms.BudgetLimitMicros),
        RaisedMicros = terms.RaisedMicros,
        ExpiresAt = terms.ExpiresAt,
        OpenedUntil = OpenedUntil ?? (terms.ExpiresAt == ExpiresAt ? null : ExpiresAt),
    };
}
