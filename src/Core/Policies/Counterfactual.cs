using System.Text.Json;
using Agora.Core.Kernel;
using Agora.Core.Sessions;
using Agora.Core.Users;

namespace Agora.Core.Policies;

/// <summary>
/// One user's recorded history under another policy: the user's stream and those of its sessions, told event by event. Before
/// <c>from</c> everything is as recorded. From then on the changes are laid over the states, and each recorded admission is decided
/// anew by the deciders themselves; a run that is refused is taken out of all streams, so what it held and spent is free for later
/// ones. Everything else happens as recorded: what was refused stays refused, and nobody acts otherwise because of a refusal
/// (no agent gives up, none is suspended for attempts out of scope).
/// <para>Law: under changes that bind nobody nothing is refused (tests: Policies, and every seed of the simulation).</para>
/// <para>A limit that did not exist counts from <c>from</c> on; a session's budget and limits that did exist know what was spent before.</para>
/// <para>Order: each stream's own; between streams by time, but a run that was posted waits for its hold at the user
/// (<see cref="Waits"/>), since clocks of two processes differ by more than a run takes.</para>
/// </summary>
public sealed class Counterfactual(StreamId user, ChangedPolicy policy, DateTimeOffset from, DateTimeOffset to)
{
    private static readonly Personal NoInput = new(ReadOnlyMemory<byte>.Empty);

    /// <summary>How far the clocks of two streams, and a run's holds, may be apart: a session that ended so long before cannot matter.</summary>
    private static readonly TimeSpan Apart = 2 * Limits.OutcomeKept;

    private readonly Dictionary<string, SessionState> _sessions = new(StringComparer.Ordinal);
    private readonly Dictionary<Guid, Trace> _traces = [];
    private readonly Dictionary<Guid, RefusedRun> _refused = [];
    private UserState _user = UserDecider.Initial(user);
    private int _undecided;

    public DateTimeOffset To { get; } = to;

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
    public bool Concerns(SessionOpened session) => from - session.ExpiresAt <= Apart && session.CreatedAt - To < Apart;

    /// <summary>The user's stream has to be told further first.</summary>
    public bool Waits(SessionEvent happened, DateTimeOffset at) => at < To && happened is SessionEvent.RunSettled { Posted: true } settled
        && _traces.TryGetValue(settled.RunId, out var trace) && !trace.Reserved && !_refused.ContainsKey(settled.RunId);

    /// <param name="cause">Of the event's entry.</param>
    public void Happened(UserEvent happened, ReadOnlyMemory<byte> cause, Guid commandId, DateTimeOffset at)
    {
        if (at >= To)
        {
            return;
        }

        switch (happened)
        {
            case UserEvent.HoldReserved e:
                Reserved(e, cause, new(at, commandId));
                break;
            case UserEvent.FundPassed e when at >= from:
                Passed(e, new(at, commandId));
                break;
            case UserEvent.HoldPosted e:
                Ended(e.HoldId, happened, at);
                break;
            case UserEvent.HoldVoided e:
                Ended(e.HoldId, happened, at);
                break;
            default:
                _user = _user.Evolve(happened, at);
                break;
        }
    }

    public void Happened(StreamId session, SessionEvent happened, Guid commandId, DateTimeOffset at)
    {
        if (RunOf(happened) is { } runId && _refused.ContainsKey(runId))
        {
            Note(runId, happened);
        }
        else if (at < To)
        {
            if (OutcomeOf(happened) is { } outcome && _traces.TryGetValue(RunOf(happened)!.Value, out var trace))
            {
                trace.Outcome = outcome;
            }

            var state = _sessions.TryGetValue(session.Id, out var known) ? known : SessionDecider.Initial(session);
            _sessions[session.Id] = happened is SessionEvent.RunRequested e ? Requested(state, e, new(at, commandId)) : state.Evolve(happened, at);
        }
    }

    private SessionState Requested(SessionState state, SessionEvent.RunRequested e, Context context)
    {
        var trace = TraceOf(e.RunId);
        (trace.SessionId, trace.Requested, trace.At) = (state.SessionId, e, context.Now);
        if (context.Now < from)
        {
            return state.Evolve(e, context.Now);
        }

        Runs++;
        if (trace.Refused is { } byUser)
        {
            List(trace, Refuser.OfUser(byUser, user.Id, state.AgentId!), byUser, state.AgentId!);
            return state;
        }

        state = policy.Lay(state);
        if (Decide(state, e, context) is not { } refusal)
        {
            return state.Evolve(e, context.Now);
        }

        List(trace, Refuser.OfSession(refusal, state.SessionId), refusal, state.AgentId!);
        Free(e.UserHold, context.Now);
        return state;
    }

    /// <summary>The refusal; null: admitted. The rate and duplicates are no part of a policy: the recorded request had passed them.</summary>
    private Rejection? Decide(SessionState state, SessionEvent.RunRequested e, Context context)
    {
        var narrowed = policy.Narrow(state);
        if (narrowed is not null && e.Category is null)
        {
            NotKnown++;
        }

        var decided = e.Category is null ? state : narrowed ?? state;
        var request = new RequestInfo(e.Line.Operation, e.Line.Endpoint, e.Line.Summary, new(int.MaxValue, 0));
        var service = new ServiceTerms(e.ServiceId, e.Category ?? decided.Scopes.Categories[0], e.PriceMicros, e.Provider, e.Owner, Disabled: false, e.Metered);
        var decision = SessionDecider.Decide(decided, new SessionCommand.RunService(request, e.ServiceId, service, NoInput, e.InputHash, null, false, null, [], Keyed: true), context);
        return decision.Events is [SessionEvent.RunRequested] ? null
            : decision.Answer?.Rejection is { } rejection ? rejection
            : ((SessionCommand.ViolationReported)decision.Steps.Single().Then(new StepOutcome.Unreachable())!).Refusal; // out of scope is answered when it was counted
    }

    private void Reserved(UserEvent.HoldReserved e, ReadOnlyMemory<byte> cause, Context context)
    {
        var trace = TraceOf(e.RunId);
        trace.Reserved = true;
        if (_refused.ContainsKey(e.RunId))
        {
            return;
        }

        if (context.Now < from)
        {
            _user = _user.Evolve(e, context.Now);
            return;
        }

        _user = policy.Lay(_user, e.AgentId);
        var decision = UserDecider.Decide(_user.Profile is null ? WithoutProfile(_user, e, context.Now) : _user, Command(cause), context);
        Evolve(decision.Events, context.Now);
        if (decision.Answer!.Rejection is { } refusal)
        {
            Refuse(e.RunId, e.AgentId, refusal, context.Now);
        }
    }

    /// <summary>A fund's refusal is as recorded, but the fund that is asked next may be another now, or none.</summary>
    private void Passed(UserEvent.FundPassed e, Context context)
    {
        if (!_user.Holds.Open.TryGetValue(e.HoldId, out var hold))
        {
            return;
        }

        var decision = UserDecider.Decide(_user, new UserCommand.NextFund(e.HoldId, e.CampaignId, e.Refused), context);
        Evolve(decision.Events, context.Now);
        if (e.Next is not null && decision.Answer!.Rejection is { } refusal && _sessions.GetValueOrDefault(StreamId.Parse(hold.Owner).Id)?.AgentId is { } agentId)
        {
            Refuse(hold.RunId, agentId, refusal, context.Now);
            Free(e.HoldId, context.Now);
        }
    }

    private void Ended(Guid holdId, UserEvent happened, DateTimeOffset at)
    {
        if (_user.Holds.Open.TryGetValue(holdId, out var hold))
        {
            _traces.Remove(hold.RunId);
        }

        _user = _user.Evolve(happened, at);
    }

    /// <summary>Its session hears of it at once, and forgets its followers as if they had been told.</summary>
    private void Refuse(Guid runId, string agentId, Rejection refusal, DateTimeOffset at)
    {
        var trace = TraceOf(runId);
        trace.Refused = refusal;
        if (trace.Requested is not { } requested)
        {
            return; // by its session's clock it is still to come, or its request never became durable
        }

        List(trace, Refuser.OfUser(refusal, user.Id, agentId), refusal, agentId);
        if (_sessions.TryGetValue(trace.SessionId!, out var state) && state.Pending.TryGetValue(runId, out var run))
        {
            state = state.Evolve(new SessionEvent.RunRefused(runId, new(run.ServiceId, run.Provider, run.RequestedAt, run.Line), refusal), at);
            _sessions[trace.SessionId!] = state.Evolve(new SessionEvent.NodesFollowed(runId, [.. state.Followers.Where(f => f.RunId == runId).Select(f => f.HoldId)]), at);
        }
    }

    private void Free(Guid holdId, DateTimeOffset at)
    {
        if (_user.Holds.Open.ContainsKey(holdId))
        {
            _user = _user.Evolve(new UserEvent.HoldVoided(holdId), at);
        }
    }

    private void List(Trace trace, Refuser by, Rejection reason, string agentId)
    {
        var run = trace.Requested!;
        _refused.Add(run.RunId, new(run.RunId, trace.SessionId!, user.Id, agentId, run.ServiceId, trace.At, run.PriceMicros, trace.Outcome, by, reason));
        _undecided += trace.Outcome == RecordedOutcome.Pending ? 1 : 0;
    }

    private void Note(Guid runId, SessionEvent happened)
    {
        if (OutcomeOf(happened) is { } outcome && _refused[runId] is { Outcome: RecordedOutcome.Pending } run)
        {
            _undecided--;
            _refused[runId] = run with { Outcome = outcome, AmountMicros = happened is SessionEvent.RunSettled { Posted: true } e ? e.AmountMicros : run.AmountMicros };
        }
    }

    private static RecordedOutcome? OutcomeOf(SessionEvent happened) => happened switch
    {
        SessionEvent.RunSettled e => e.Posted ? RecordedOutcome.Succeeded : RecordedOutcome.Failed,
        SessionEvent.RunRefused => RecordedOutcome.Refused,
        _ => null,
    };

    private void Evolve(IEnumerable<UserEvent> events, DateTimeOffset at)
    {
        foreach (var happened in events)
        {
            _user = _user.Evolve(happened, at);
        }
    }

    private Trace TraceOf(Guid runId)
    {
        if (!_traces.TryGetValue(runId, out var trace))
        {
            _traces.Add(runId, trace = new());
        }

        return trace;
    }

    /// <summary>The command that a Reserve's entry keeps (<see cref="UserDecider.KeepsCause"/>).</summary>
    private static UserCommand.Reserve Command(ReadOnlyMemory<byte> cause)
    {
        using var json = JsonDocument.Parse(cause);
        return json.RootElement.GetProperty("command").Deserialize<UserCommand.Reserve>(StoredJson.Options)!;
    }

    /// <summary>
    /// Of a user whose time zone is unknown or erased the recorded lines still say in whose day it was: every zone lies from UTC−12 to
    /// UTC+14, so one of the two ends of that, or UTC, is in that day as well.
    /// </summary>
    private static UserState WithoutProfile(UserState state, UserEvent.HoldReserved e, DateTimeOffset at)
    {
        var period = e.Lines.Select(l => l.Account).FirstOrDefault(AccountKeys.IsDay) ?? e.Lines.Select(l => l.Account).FirstOrDefault(AccountKeys.IsMonth);
        var zone = Zones.FirstOrDefault(z => TimeZoneInfo.ConvertTime(at, z) is var local && (AccountKeys.Day(local) == period || AccountKeys.Month(local) == period));
        var nobody = Personal.Of(new Profile([], null));
        return zone is null ? state : state with { Profile = new(nobody, nobody, [], zone) };
    }

    private static readonly TimeZoneInfo[] Zones =
    [
        TimeZoneInfo.Utc,
        TimeZoneInfo.CreateCustomTimeZone("UTC+14", TimeSpan.FromHours(14), null, null),
        TimeZoneInfo.CreateCustomTimeZone("UTC-12", TimeSpan.FromHours(-12), null, null),
    ];

    private static Guid? RunOf(SessionEvent happened) => happened switch
    {
        SessionEvent.FundChosen e => e.RunId,
        SessionEvent.RunSettled e => e.RunId,
        SessionEvent.RunRefused e => e.RunId,
        SessionEvent.NodeFollowed e => e.RunId,
        SessionEvent.NodesFollowed e => e.RunId,
        _ => null,
    };

    /// <summary>What is known of a run until its hold at the user ends.</summary>
    private sealed class Trace
    {
        public string? SessionId { get; set; }

        public SessionEvent.RunRequested? Requested { get; set; }

        public DateTimeOffset At { get; set; }

        /// <summary>The user's stream has come to its hold.</summary>
        public bool Reserved { get; set; }

        /// <summary>By the user.</summary>
        public Rejection? Refused { get; set; }

        /// <summary>Where its session has decided it by then, without a post.</summary>
        public RecordedOutcome Outcome { get; set; }
    }
}
