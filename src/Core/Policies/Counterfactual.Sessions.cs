using Agora.Core.Kernel;
using Agora.Core.Sessions;

namespace Agora.Core.Policies;

/// <summary>Sessions: their budgets and scopes.</summary>
public sealed partial class Counterfactual
{
    private static readonly Personal NoInput = new(ReadOnlyMemory<byte>.Empty);

    private readonly Dictionary<string, SessionState> _sessions = new(StringComparer.Ordinal);

    public void Happened(StreamId session, SessionEvent happened, Guid commandId, DateTimeOffset at)
    {
        if (RunOf(happened) is { } runId && _open.TryGetValue(runId, out var hold))
        {
            if (_refused.ContainsKey(hold))
            {
                Note(hold, happened);
                return;
            }

            if (OutcomeOf(happened) is { } outcome && _requests.TryGetValue(hold, out var request))
            {
                request.Outcome = outcome;
            }
        }

        if (at < To)
        {
            var state = _sessions.TryGetValue(session.Id, out var known) ? known : SessionDecider.Initial(session);
            _sessions[session.Id] = happened is SessionEvent.RunRequested e ? Requested(state, e, new(at, commandId)) : state.Evolve(happened, at);
        }
    }

    private SessionState Requested(SessionState state, SessionEvent.RunRequested e, Context context)
    {
        var request = RequestOf(e.UserHold);
        (request.SessionId, request.Requested, request.At) = (state.SessionId, e, context.Now);
        _open[e.RunId] = e.UserHold;
        if (context.Now < _from)
        {
            return state.Evolve(e, context.Now);
        }

        Runs++;
        if (request.Refused is { } byUser)
        {
            List(request, Refuser.OfUser(byUser, _id.Id, state.AgentId!), byUser, state.AgentId!);
            return state;
        }

        state = _policy.Lay(state);
        if (Decide(state, e, context) is not { } refusal)
        {
            return state.Evolve(e, context.Now);
        }

        List(request, Refuser.OfSession(refusal, state.SessionId), refusal, state.AgentId!);
        Free(e.UserHold, context.Now);
        return state;
    }

    /// <summary>The refusal; null: admitted. The rate and duplicates are no part of a policy: the recorded request had passed them.</summary>
    private Rejection? Decide(SessionState state, SessionEvent.RunRequested e, Context context)
    {
        var narrowed = _policy.Narrow(state);
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

    /// <summary>Its user refuses: it hears of it at once, and forgets its followers as if they had been told.</summary>
    private void Refuse(string sessionId, Guid runId, Guid hold, Rejection refusal, DateTimeOffset at)
    {
        if (_sessions.TryGetValue(sessionId, out var state) && state.Pending.TryGetValue(runId, out var run) && run.UserHold == hold)
        {
            state = state.Evolve(new SessionEvent.RunRefused(runId, new(run.ServiceId, run.Provider, run.RequestedAt, run.Line), refusal), at);
            _sessions[sessionId] = state.Evolve(new SessionEvent.NodesFollowed(runId, [.. state.Followers.Where(f => f.RunId == runId).Select(f => f.HoldId)]), at);
        }
    }

    private void Note(Guid hold, SessionEvent happened)
    {
        if (OutcomeOf(happened) is { } outcome && _refused[hold] is { Outcome: RecordedOutcome.Pending } run)
        {
            _undecided--;
            _refused[hold] = run with { Outcome = outcome, AmountMicros = happened is SessionEvent.RunSettled { Posted: true } e ? e.AmountMicros : run.AmountMicros };
        }
    }

    private static RecordedOutcome? OutcomeOf(SessionEvent happened) => happened switch
    {
        SessionEvent.RunSettled e => e.Posted ? RecordedOutcome.Succeeded : RecordedOutcome.Failed,
        SessionEvent.RunRefused => RecordedOutcome.Refused,
        _ => null,
    };

    /// <summary>Of events that need the run to be pending. That its nodes followed says nothing of a run that never was.</summary>
    private static Guid? RunOf(SessionEvent happened) => happened switch
    {
        SessionEvent.FundChosen e => e.RunId,
        SessionEvent.RunSettled e => e.RunId,
        SessionEvent.RunRefused e => e.RunId,
        _ => null,
    };
}
