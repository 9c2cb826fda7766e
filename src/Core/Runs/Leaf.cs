using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Agora.Core.Access;
using Agora.Core.Funds;
using Agora.Core.Kernel;
using Agora.Core.Nodes;

namespace Agora.Core.Runs;

/// <summary>
/// A session as its runs know it: whose it is, what it may spend, and its runs. The session adds what no run asks for: admission, tasks, the tree below.
/// <para>A run is in exactly one place: under way (<see cref="Pending"/>), waiting (<see cref="Awaiting"/>), or decided. Of those that waited it is remembered what became of
/// their approval (<see cref="Waited"/>), for as long as the session lives. So a run is approved at most once, and a repeat of its request never begins it again.</para>
/// <para>Bounds: <see cref="Limits.RunsInFlight"/>, <see cref="Limits.HoldsToTell"/>, <see cref="Limits.ApprovalsWaiting"/>, <see cref="Limits.ApprovalsRemembered"/>.</para>
/// </summary>
public abstract partial record Leaf(string SessionId, string Tenant)
{
    /// <summary>This session's stream, as its nodes know their holds' owner.</summary>
    public string Stream { get; } = new StreamId(Tenant, Kinds.Session, SessionId).ToString();

    public string? AgentId { get; init; }

    public string? UserId { get; init; }

    public Scopes Scopes { get; init; } = new([], [], [], []);

    public Account Budget { get; init; } = Account.Empty;

    /// <summary>By so much the user has raised the budget that this session was given, run by run (<see cref="Approving"/>). Until the grant's own is lowered: that takes it back.</summary>
    public long RaisedMicros { get; init; }

    /// <summary>The user has said no to that, or its agent took the question back: for this session nobody asks again.</summary>
    public bool RaiseDenied { get; init; }

    public ModelUse ModelUse { get; init; } = ModelUse.None;

    public DateTimeOffset ExpiresAt { get; init; }

    public DateTimeOffset? RevokedAt { get; init; }

    public bool Suspended { get; init; }

    public DateTimeOffset? SuspendedUntil { get; init; }

    public RateWindow Rate { get; init; } = RateWindow.Fresh;

    /// <summary>The sessions above, root first; empty: opened by auth.</summary>
    public abstract ImmutableArray<PathNode> Path { get; }

    /// <summary>The session above with which this one ended; null: it is live, or its own holder ended it.</summary>
    public abstract string? EndedBy { get; }

    public ImmutableSortedDictionary<Guid, PendingRun> Pending { get; init; } = ImmutableSortedDictionary<Guid, PendingRun>.Empty;

    /// <summary>Apart from the rest, for most sessions have nothing in it.</summary>
    public Approvals Approvals { get; init; } = Approvals.None;

    public ImmutableArray<Follower> Followers { get; init; } = [];

    public RecentInputs Inputs { get; init; } = RecentInputs.None;

    /// <summary>Newest first, at most <see cref="Limits.RecentRuns"/>.</summary>
    public ImmutableArray<RunSummary> Recent { get; init; } = [];

    /// <summary>Caps that refused runs of this session, at most <see cref="Limits.CapsHit"/>.</summary>
    public ImmutableArray<CapHit> CapsHit { get; init; } = [];

    /// <summary>Soft: the user's stream has named a limit of the user's or the grant's; forgotten at a restart, until the next run.</summary>
    [JsonIgnore]
    public bool Capped { get; init; }

    /// <summary>Soft: who waits at this session's budget.</summary>
    [JsonIgnore]
    public WaitingRoom Room { get; init; } = WaitingRoom.Empty;

    public ImmutableSortedDictionary<Guid, AwaitingRun> Awaiting => Approvals.Awaiting;

    public ImmutableSortedDictionary<Guid, ApprovalState> Waited => Approvals.Waited;

    /// <summary>When the first of those that wait has waited long enough; null: none waits.</summary>
    public DateTimeOffset? NextExpiry => Awaiting.IsEmpty ? null : Awaiting.Values.Min(run => run.Waiting.ExpiresAt);

    /// <summary>The agent that proved who it is, at auth. Those below were named by whoever delegated, and prove nothing: they spend what is its, and nothing of their own.</summary>
    public string Grantee => Path.IsEmpty ? AgentId! : Path[0].AgentId;

    public string OwnWallet => WalletIds.Agent(Grantee);

    /// <summary>All bits of <see cref="PendingRun.Agreed"/>.</summary>
    public int AllAgreed => (1 << Path.Length) - 1;

    /// <summary>So much is under way or has yet to be told elsewhere that no more is begun: while a user's stream is out of reach, nothing grows beyond this.</summary>
    public bool IsCrowded => Pending.Count + TasksUnderWay >= Limits.RunsInFlight || Followers.Length >= Limits.HoldsToTell;

    public Budget BudgetView => ViewOf(Budget);

    protected abstract int TasksUnderWay { get; }

    public static Budget ViewOf(Account budget) => new(budget.Limit ?? Limits.MaxMicros, budget.Posted, budget.Held, budget.Remaining);

    public bool IsSuspended(DateTimeOffset now) => Suspended && (SuspendedUntil is null || now < SuspendedUntil);

    /// <summary>So many requests are counted in its minute.</summary>
    public RateStanding RateAt(DateTimeOffset now) => new((int)Math.Min(int.MaxValue, Rate.Count), Rate.SecondsLeft(now));

    /// <summary>With what has been heard about a run under way.</summary>
    internal Leaf With(PendingRun run) => this with { Pending = Pending.SetItem(run.RunId, run) };
}

/// <summary>Closed: what happens in the stream of a leaf: to its runs (<see cref="RunEvent"/>), or to the session besides, of which its runs know nothing.</summary>
public abstract record LeafEvent
{
    private protected LeafEvent()
    {
    }
}

/// <summary>Closed: what the stream of a leaf is asked: for its runs (<see cref="RunCommand"/>), or for the session besides.</summary>
public abstract record LeafCommand
{
    private protected LeafCommand()
    {
    }
}
