using System.Collections.Immutable;
using Agora.Core.Access;
using Agora.Core.Kernel;
using Agora.Core.Runs;
using Agora.Core.Sessions;
using Agora.Core.Users;

namespace Agora.Replay;

/// <summary>
/// One user's recorded history under another policy: the user's stream and those of its sessions, told event by event. Before
/// <c>from</c> everything is as recorded. From then on the changes are laid over the states, and each recorded admission is decided
/// anew by the deciders themselves; a run that is refused is taken out of all streams, so what it held and spent is free for later
/// ones. Everything else happens as recorded: what was refused stays refused, and nobody acts otherwise because of a refusal
/// (no agent gives up, none is suspended for attempts out of scope).
/// <para>Law: under changes that bind nobody nothing is refused (tests: Replay.Tests, and every seed of the simulation).</para>
/// <para>A refund gives back what its run had cost, to the limits that had counted it; of a run that is refused it gives nothing back.</para>
/// <para>A changed limit counts from <c>from</c> on; where there was a limit of its kind before, it knows what that had counted.</para>
/// <para>Order: each stream's own; between streams by time, but a post waits until the run's holds at the user and at the sessions
/// above were told of (<see cref="Waits(LeafEvent, DateTimeOffset)"/>), since clocks of two processes differ by more than a run takes.</para>
/// <para>A request is known by its hold at the user: a run that was refused may be requested again under the same id.</para>
/// </summary>
public sealed partial class Counterfactual
{
    /// <summary>How far the clocks of two streams, and a run's holds, may be apart: a session that ended so long before cannot matter.</summary>
    private static readonly TimeSpan Apart = 2 * Limits.OutcomeKept;

    private readonly StreamId _id;
    private readonly ChangedPolicy _policy;
    private readonly DateTimeOffset _from;
    private readonly Dictionary<Guid, Request> _requests = [];
    private readonly Dictionary<Guid, Guid> _open = [];
    private readonly Dictionary<Guid, Guid> _above = [];
    private readonly Dictionary<Guid, RefusedRun> _refused = [];
    private int _undecided;

    public Counterfactual(StreamId user, ChangedPolicy policy, DateTimeOffset from, DateTimeOffset to)
    {
        (_id, _policy, _from, To) = (user, policy, from, to);
        _user = UserEntity.Entity.Initial(user);
        _changed = policy.LimitsUser(user.Id) ? _user : null;
    }

    public DateTimeOffset To { get; }

    /// <summary>Runs that were decided anew.</summary>
    public int Runs { get; private set; }

    /// <summary>Sessions that were told of.</summary>
    public int Sessions => _sessions.Count;

    /// <summary>Runs whose category was not recorded, so that it cannot be told whether narrower scopes would have refused them.</summary>
    public int NotKnown { get; private set; }

    public IReadOnlyCollection<RefusedRun> Refused => _refused.Values;

    /// <summary>Nothing at or after this time can change the answer.</summary>
    public bool IsOver(DateTimeOffset at) => at >= To && _undecided == 0;

    /// <summary>Whether this session's stream can matter.</summary>
    public bool Concerns(SessionOpened session) => _from - session.ExpiresAt <= Apart && session.CreatedAt - To < Apart;

    /// <summary>Other streams have to be told of first.</summary>
    public bool Waits(LeafEvent happened, DateTimeOffset at) => at < To && happened switch
    {
        RunEvent.Concluded { Posted: true } e => _open.TryGetValue(e.RunId, out var hold) && IsIncomplete(hold),
        SessionEvent.HoldPosted e => _early.ContainsKey(e.HoldId) || (_above.TryGetValue(e.HoldId, out var hold) && IsIncomplete(hold)),
        _ => false,
    };

    /// <inheritdoc cref="Waits(LeafEvent, DateTimeOffset)"/>
    public bool Waits(UserEvent happened) => happened is UserEvent.HoldPosted e && IsIncomplete(e.HoldId);

    /// <summary>Throws <see cref="InvariantViolationException"/>: of states that no activation ever had, these hold as well.</summary>
    public void CheckInvariants()
    {
        _user.CheckInvariants(thorough: true);
        _changed?.CheckInvariants(thorough: true);
        foreach (var session in _sessions.Values)
        {
            session.CheckInvariants(thorough: true);
        }
    }

    private Request RequestOf(Guid hold)
    {
        if (!_requests.TryGetValue(hold, out var request))
        {
            _requests.Add(hold, request = new());
        }

        return request;
    }

    private bool IsIncomplete(Guid hold) => _requests.TryGetValue(hold, out var request) && !request.IsHeld && !_refused.ContainsKey(hold);

    /// <summary>The run is taken out of every stream that has it.</summary>
    private void Refuse(Request request, Refuser by, Rejection reason, DateTimeOffset at)
    {
        var run = request.Requested!;
        _refused.Add(run.UserHold, new(run.RunId, request.SessionId, _id.Id, request.AgentId, run.ServiceId, request.At, run.PriceMicros, request.Outcome, by, reason));
        _undecided += request.Outcome == RecordedOutcome.Pending ? 1 : 0;
        FreeUser(run.UserHold, at);
        FreeAbove(request, at);
        FreeLeaf(request, reason, at);
    }

    /// <summary>What is known of a run's request until its hold at the user ends.</summary>
    private sealed class Request
    {
        /// <summary>Null: its session's stream has not come to it, by the session's clock.</summary>
        public RunEvent.Requested? Requested { get; private set; }

        public string SessionId { get; private set; } = "";

        public string AgentId { get; private set; } = "";

        /// <summary>The sessions above.</summary>
        public ImmutableArray<PathNode> Path { get; private set; } = [];

        public DateTimeOffset At { get; private set; }

        /// <summary>It had waited for approval, and has begun anew.</summary>
        public bool Approved { get; private set; }

        /// <summary>The user's stream has come to its hold.</summary>
        public bool IsReserved { get; set; }

        /// <summary>So many sessions above have come to theirs.</summary>
        public int HeldAbove { get; set; }

        public bool IsHeld => Requested is not null && IsReserved && HeldAbove >= Path.Length;

        /// <summary>By the user, before its session's stream came to it.</summary>
        public (Refuser By, Rejection Reason)? Refused { get; set; }

        /// <summary>Where its session has decided it by then, without a post.</summary>
        public RecordedOutcome Outcome { get; set; }

        public void Begin(SessionState session, RunEvent.Requested requested, bool approved, DateTimeOffset at) =>
            (Requested, SessionId, AgentId, Path, Approved, At) = (requested, session.SessionId, session.AgentId!, session.Path, approved, at);

        public Guid HoldAbove(int place) => RunHolds.Above(At, Requested!.RunId, Requested.HoldsAbove, Approved, place);
    }
}
