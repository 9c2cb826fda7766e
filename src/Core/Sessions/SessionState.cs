using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Agora.Core.Access;
using Agora.Core.Kernel;
using Agora.Core.Users;

namespace Agora.Core.Sessions;

/// <summary>A hold elsewhere that has yet to follow this session's decision.</summary>
public sealed record Follower(Guid RunId, Guid HoldId, StreamId Node, bool Posted, long AmountMicros)
{
    /// <summary>Soft: it was told, and its run's others not yet. After a crash it is told again, to no effect.</summary>
    [JsonIgnore]
    public bool Told { get; init; }
}

/// <summary>A completion that the user's stream has been asked for.</summary>
public sealed record PendingTask(Guid CompletionId, Guid CommandId, string CampaignId, AuditLine Line);

/// <summary>
/// One session: the leaf of the budget, and the only place where its runs are decided.
/// <para>Invariants: the budget's held amount is the sum of the prices of pending runs, here and below; no hold is both of a pending run and followed.</para>
/// </summary>
public sealed partial record SessionState(string SessionId, string Tenant)
{
    /// <summary>This session's stream, as its nodes know their holds' owner.</summary>
    [JsonIgnore]
    public string Stream { get; } = new StreamId(Tenant, Kinds.Session, SessionId).ToString();

    public string? AgentId { get; init; }

    public string? UserId { get; init; }

    [JsonIgnore]
    public string? PersonalKey => field ??= UserId is null ? null : UserState.PersonalKeyOf(Tenant, UserId);

    public Scopes Scopes { get; init; } = new([], [], [], []);

    public Account Budget { get; init; } = Account.Empty;

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset ExpiresAt { get; init; }

    /// <summary>When it was to expire from the first, where a grant has shortened that; null: <see cref="ExpiresAt"/>.</summary>
    public DateTimeOffset? OpenedUntil { get; init; }

    /// <summary>What opened it, as of <see cref="SessionOpened"/>.</summary>
    public string? KeyId { get; init; }

    public DateTimeOffset? RevokedAt { get; init; }

    public bool CloseCounted { get; init; }

    public bool Suspended { get; init; }

    public DateTimeOffset? SuspendedUntil { get; init; }

    public long StandingRevision { get; init; }

    public RateWindow Rate { get; init; } = RateWindow.Fresh;

    public ImmutableSortedDictionary<Guid, PendingRun> Pending { get; init; } = ImmutableSortedDictionary<Guid, PendingRun>.Empty;

    public ImmutableArray<Follower> Followers { get; init; } = [];

    public ImmutableSortedDictionary<Guid, PendingTask> Tasks { get; init; } = ImmutableSortedDictionary<Guid, PendingTask>.Empty;

    public RecentInputs Inputs { get; init; } = RecentInputs.None;

    /// <summary>Newest first, at most <see cref="Limits.RecentRuns"/>.</summary>
    public ImmutableArray<RunSummary> Recent { get; init; } = [];

    /// <summary>So much is under way or has yet to be told elsewhere that no more is begun: while a user's stream is out of reach, nothing grows beyond this.</summary>
    [JsonIgnore]
    public bool IsCrowded => Pending.Count + Tasks.Count >= Limits.RunsInFlight || Followers.Length >= Limits.HoldsToTell;

    public bool IsSuspended(DateTimeOffset now) => Suspended && (SuspendedUntil is null || now < SuspendedUntil);

    public Budget BudgetView => ViewOf(Budget);

    public static Budget ViewOf(Account budget) => new(budget.Limit ?? Limits.MaxMicros, budget.Posted, budget.Held, budget.Remaining);

    public SessionState Evolve(SessionEvent @event, DateTimeOffset at) => @event switch
    {
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
        SessionEvent.Audited or SessionEvent.RateExceeded or SessionEvent.HoldDisowned or SessionEvent.ConsentWithdrawalRecorded or SessionEvent.ClaimRecorded => this,
        SessionEvent.StandingChanged e => Within(e.Terms) with { Suspended = e.Suspended, SuspendedUntil = e.Until, StandingRevision = e.Revision },
        SessionEvent.Revoked e => this with { RevokedAt = e.Ended.RevokedAt },
        SessionEvent.EndedFor e => this with { RevokedAt = e.Ended.RevokedAt, StandingRevision = Math.Max(StandingRevision, e.Revision) },
        SessionEvent.CloseCounted => this with { CloseCounted = true },
        SessionEvent.RunRequested e => Requested(e, at),
        SessionEvent.FundChosen e => Choose(e.RunId, e.Leaves, new(e.FundHold, e.Campaign, Wallet: null), e.Why),
        SessionEvent.WalletChosen e => Choose(e.RunId, e.Leaves, new(e.FundHold, Campaign: null, e.Wallet), e.Why),
        SessionEvent.SettlementBegun e => At(e.RunId, stage => new RunStage.Settling(stage.Asked, e.AmountMicros, e.Attempts, e.UserNodes, e.Output)),
        SessionEvent.RunConcluded e => Conclude(e.RunId, e.Posted, e.AmountMicros, e.FailureCode, at),
        SessionEvent.RunRefused e => Conclude(e.RunId, posted: false, 0, e.Reason.Code, at),
        SessionEvent.RunAwaitsApproval e => Await(e),
        SessionEvent.RunApproved e => Approve(e, at),
        SessionEvent.ApprovalAnswered => this,
        SessionEvent.WaitEnded e => EndWait(e, at),
        SessionEvent.NodeFollowed e => this with { Followers = Followers.RemoveAll(f => f.HoldId == e.HoldId) },
        SessionEvent.NodesFollowed e => this with { Followers = Followers.RemoveAll(f => e.Holds.Contains(f.HoldId)) },
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
        SessionEvent.HoldPosted e => Decide(e.HoldId, e.AmountMicros, at),
        SessionEvent.HoldVoided e => Decide(e.HoldId, null, at),
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
        var isWhole = thorough || Holds.Open.IsEmpty;
        Invariant.Check(isWhole ? Budget.Held == held + Holds.Open.Values.Sum(AmountOf) : Budget.Held >= held, "held_is_the_sum_of_pending_runs");
        Invariant.Check(!thorough || Awaiting.Keys.All(id => !Pending.ContainsKey(id) && !Waited.ContainsKey(id)), "a_waiting_run_is_not_under_way");
        Invariant.Check(!thorough || Tree.Openings == Children.Values.Count(c => c.Opening is not null), "openings_are_counted");
        Invariant.Check(!thorough || !Pending.Values.Any(r => Followers.Any(f => f.HoldId == r.UserHold || f.HoldId == r.FundHold || IsAbove(r, f.HoldId))), "no_hold_is_pending_and_followed");
    }

    private SessionState Within(TermsInForce? terms) => terms is null ? this : this with
    {
        Scopes = terms.Scopes,
        Budget = Budget.SetLimit(terms.BudgetLimitMicros),
        ExpiresAt = terms.ExpiresAt,
        OpenedUntil = OpenedUntil ?? (terms.ExpiresAt == ExpiresAt ? null : ExpiresAt),
    };

    private SessionState Requested(SessionEvent.RunRequested e, DateTimeOffset at) => this with
    {
        Budget = Budget.Reserve(e.PriceMicros),
        Inputs = e.Memo is null ? Inputs.Add(new(e.ServiceId, e.HashOfInput, e.RunId, at)) : Inputs,
        Pending = Pending.Add(e.RunId, PendingOf(e, at)),
    };

    private static PendingRun PendingOf(SessionEvent.RunRequested e, DateTimeOffset at) => new(
        e.RunId, e.UserHold, new RunStage.Asking(e.FundHold is { } hold ? new(hold, e.Guess, e.Wallet) : null), e.ServiceId, e.PriceMicros, e.Provider, e.Owner, at, e.VoidAfter, e.Line,
        e.Metered, e.OwnFund, e.FeeBasisPoints, e.Memo, HoldsAbove: e.HoldsAbove) { Category = e.Category };

    /// <summary>Whom the decision of this run concerns: whatever was asked for a hold must be told; one that refused answers a Void harmlessly.</summary>
    public ImmutableArray<Follower> FollowersOf(PendingRun run, bool posted, long amount)
    {
        var user = new Follower(run.RunId, run.UserHold, new(Tenant, Kinds.User, UserId!), posted, amount);
        ImmutableArray<Follower> followers = run.FundHold is { } hold && FundOf(run) is { } fund ? [user, new(run.RunId, hold, fund, posted, amount)] : [user];
        return Path.IsEmpty ? followers : [.. followers, .. Above(run, posted, amount)];
    }

    /// <summary>The fund that may hold something for this run, and shall not.</summary>
    public ImmutableArray<Follower> LeftBy(PendingRun run) =>
        run.FundHold is { } hold && FundOf(run) is { } fund ? [new(run.RunId, hold, fund, Posted: false, 0)] : [];

    /// <summary>The stream that pays, or is asked to.</summary>
    public StreamId? FundOf(PendingRun run) => run switch
    {
        { Wallet: { } wallet } => new(Tenant, Kinds.Wallet, wallet),
        { Campaign: { } campaign } => new(Tenant, Kinds.Campaign, campaign.CampaignId),
        _ => null,
    };

    private SessionState Choose(Guid runId, bool leaves, RunStage.FundAsked fund, string why)
    {
        var chosen = At(runId, _ => new RunStage.Chosen(fund, why));
        return leaves ? chosen with { Followers = Followers.AddRange(LeftBy(Pending[runId])) } : chosen;
    }

    private SessionState At(Guid runId, Func<RunStage, RunStage> next) =>
        this with { Pending = Pending.SetItem(runId, Pending[runId] with { Stage = next(Pending[runId].Stage) }) };

    private SessionState Conclude(Guid runId, bool posted, long amount, string? failure, DateTimeOffset at)
    {
        var run = Pending[runId];
        var summary = new RunSummary(
            runId, run.ServiceId, posted ? RunState.Succeeded : RunState.Failed, posted ? amount : 0, posted ? run.Campaign?.CampaignId : null, failure, run.RequestedAt, at);
        return this with
        {
            Pending = Pending.Remove(runId),
            Budget = Budget.End(run.PriceMicros, posted ? amount : null),
            Followers = Followers.AddRange(FollowersOf(run, posted, amount)),
            Recent = run.IsTransfer ? Recent : With(summary),
            Inputs = posted ? Inputs : Inputs.Without(runId),
        };
    }

    private ImmutableArray<RunSummary> With(RunSummary newest) => [newest, .. Recent.AsSpan()[..Math.Min(Recent.Length, Limits.RecentRuns - 1)]];
}
