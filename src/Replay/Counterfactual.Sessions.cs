using Agora.Core.Access;
using Agora.Core.Kernel;
using Agora.Core.Nodes;
using Agora.Core.Runs;
using Agora.Core.Sessions;

namespace Agora.Replay;

/// <summary>
/// Sessions: their budgets and scopes. A run of a delegated session is held on every budget above it, each of which is laid under the
/// changes as well; whoever of leaf, sessions above and user refuses first, the others are free of it.
/// </summary>
public sealed partial class Counterfactual
{
    private static readonly Personal NoInput = new(ReadOnlyMemory<byte>.Empty);

    private readonly Dictionary<string, SessionState> _sessions = new(StringComparer.Ordinal);

    /// <summary>Holds above whose runs are still to come by their sessions' clocks; with the refusal where there was one.</summary>
    private readonly Dictionary<Guid, (Refuser By, Rejection Reason)?> _early = [];

    public void Happened(StreamId session, LeafEvent happened, Guid commandId, DateTimeOffset at)
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
            var state = _sessions.TryGetValue(session.Id, out var known) ? known : SessionEntity.Entity.Initial(session);
            _sessions[session.Id] = happened switch
            {
                RunEvent.Requested e => Requested(state, e, e, new(at, commandId)),
                RunEvent.Approved e => Requested(state, e.Run, e, new(at, commandId)),
                SessionEvent.HoldReserved e => Reserved(state, e, new(at, commandId)),
                _ => state.Evolve(happened, at),
            };
        }
    }

    /// <param name="happened">It was requested; or, after a wait for approval, begins anew as the same run.</param>
    private SessionState Requested(SessionState state, RunEvent.Requested e, LeafEvent happened, Context context)
    {
        var (request, approved) = (RequestOf(e.UserHold), happened as RunEvent.Approved);
        request.Begin(state, e, approved is not null, context.Now);
        _open[e.RunId] = e.UserHold;
        var above = FindAbove(request); // also of a run that the user refused before: what the sessions above hold for it has to be known as its own
        var before = request.Refused ?? above;
        if (context.Now < _from) return state.Evolve(happened, context.Now);

        Runs += approved is null ? 1 : 0;
        if (_refused.ContainsKey(e.UserHold))
        {
            RefusedAgain(e.UserHold);
            return state;
        }

        state = _policy.Lay(state);
        if ((before ?? (approved is null ? Decide(state, e, context) : Decide(state, approved, context))) is not { } refusal)
        {
            return state.Evolve(happened, context.Now);
        }

        Refuse(request, refusal.By, refusal.Reason, context.Now);
        return state;
    }

    /// <summary>Rows of earlier releases have the same hold for a run that was requested again while its stream's time stood still: what became of it then is what counts.</summary>
    private void RefusedAgain(Guid hold)
    {
        _undecided += _refused[hold].Outcome == RecordedOutcome.Pending ? 0 : 1;
        _refused[hold] = _refused[hold] with { Outcome = RecordedOutcome.Pending };
    }

    /// <summary>What became of its holds at the sessions above that were told of before.</summary>
    private (Refuser By, Rejection Reason)? FindAbove(Request request)
    {
        (Refuser, Rejection)? first = null;
        for (var place = 0; place < request.Path.Length; place++)
        {
            var hold = request.HoldAbove(place);
            _above[hold] = request.Requested!.UserHold;
            if (_early.Remove(hold, out var refused))
            {
                request.HeldAbove++;
                first ??= refused;
            }
        }

        return first;
    }

    private SessionState Reserved(SessionState state, SessionEvent.HoldReserved e, Context context)
    {
        var request = _above.TryGetValue(e.HoldId, out var userHold) ? _requests.GetValueOrDefault(userHold) : null;
        if (request is not null)
        {
            request.HeldAbove++;
            if (_refused.ContainsKey(userHold)) return state;
        }

        (Refuser By, Rejection Reason)? refused = null;
        if (context.Now >= _from)
        {
            state = _policy.Lay(state);
            refused = Decide(state, e, context);
        }

        if (request is null)
        {
            _early[e.HoldId] = refused;
        }
        else if (refused is { } refusal)
        {
            Refuse(request, refusal.By, refusal.Reason, context.Now);
        }

        return refused is null ? state.Evolve(e, context.Now) : state;
    }

    /// <summary>That the branch was live is recorded, and nothing changes that: any live child stands for it.</summary>
    private static (Refuser By, Rejection Reason)? Decide(SessionState state, SessionEvent.HoldReserved e, Context context)
    {
        var branch = state.Children.Values.First(child => child.ExpiresAt > context.Now).SessionId;
        var decision = SessionDecider.Decide(state, (SessionCommand)new NodeCommand.Reserve(e.HoldId, e.Owner, e.RunId, e.AmountMicros, new ReserveTerms.OfSession(branch)), context);
        return decision.Answer!.Rejection is { } rejection ? BySession(rejection, state) : null;
    }

    /// <summary>Null: admitted. The rate and duplicates are no part of a policy: the recorded request had passed them.</summary>
    private (Refuser By, Rejection Reason)? Decide(SessionState state, RunEvent.Requested e, Context context)
    {
        var request = new RequestInfo(e.Line.Operation, e.Line.Endpoint, e.Line.Summary, new(int.MaxValue, 0));
        state = state with { Scopes = state.Scopes with { AskWhenSpent = false } }; // nobody can be asked now
        var decision = e.Memo is { } memo
            ? SessionDecider.Decide(state, new RunCommand.Transfer(request, e.Provider, e.PriceMicros, memo, PayeeKnown: true), context)
            : SessionDecider.Decide(Scoped(state, e, out var category), Run(request, e, category), context);
        return decision.Events is [RunEvent.Requested] ? null
            : decision.Answer?.Rejection is { } rejection ? BySession(rejection, state)
            : OutOfScope(state, decision.Steps.Single(), context);
    }

    /// <summary>That it could be approved is recorded; whether the budget had room then is not.</summary>
    private static (Refuser By, Rejection Reason)? Decide(SessionState state, RunEvent.Approved e, Context context)
    {
        var readable = state with { Approvals = state.Approvals with { Awaiting = state.Awaiting.SetItem(e.Run.RunId, state.Awaiting[e.Run.RunId] with { Input = NoInput }) } };
        var decision = SessionDecider.Decide(readable, new RunCommand.DecideApproval(e.Run.RunId, Approve: true, e.By, e.Reason), context);
        return decision.Events is [.., RunEvent.WaitEnded ended] ? BySession(ended.Outcome, state)
            : decision.Events is [RunEvent.Approved { RaisedMicros: var missing }] && missing > e.RaisedMicros ? BySession(RunRejection.OverBudget(state.SessionId, e.Run.PriceMicros, state.Budget.Remaining), state) // the user's yes was to a smaller raise
            : null;
    }

    private static (Refuser By, Rejection Reason) BySession(Rejection refused, SessionState state) => (Refuser.OfSession(refused, state.SessionId), refused);

    /// <param name="category">As recorded; where it was not, one that the session's own scopes allow.</param>
    private SessionState Scoped(SessionState state, RunEvent.Requested e, out string category)
    {
        var narrowed = _policy.Narrow(state);
        category = e.Category ?? state.Scopes.Categories[0];
        NotKnown += narrowed is not null && e.Category is null ? 1 : 0;
        return e.Category is null ? state : narrowed ?? state;
    }

    private static RunCommand.RunService Run(RequestInfo request, RunEvent.Requested e, string category) => new(
        request, e.ServiceId, new(e.ServiceId, category, e.PriceMicros, e.Provider, e.Owner, Disabled: false, e.Metered, IsModel: e.Model is not null), NoInput, e.HashOfInput, null, false, null, [], Keyed: true, Model: e.Model);

    /// <summary>The refusal is answered when the violation was reported, whatever became of the report.</summary>
    private static (Refuser By, Rejection Reason) OutOfScope(SessionState state, Step report, Context context)
    {
        var reported = SessionDecider.Decide(state, (LeafCommand)report.Then(new StepOutcome.Unreachable())!, context);
        var rejection = reported.LateAnswers.Single().Answer.Rejection!;
        return BySession(rejection, state);
    }

    /// <summary>It hears of the refusal at once, and forgets its followers as if they had been told.</summary>
    private void FreeLeaf(Request request, Rejection refusal, DateTimeOffset at)
    {
        var (runId, hold) = (request.Requested!.RunId, request.Requested.UserHold);
        if (_sessions.TryGetValue(request.SessionId, out var state) && state.Pending.TryGetValue(runId, out var run) && run.UserHold == hold)
        {
            state = state.Evolve(new RunEvent.Refused(runId, new(run.ServiceId, run.Provider, run.RequestedAt, run.Line), refusal), at);
            _sessions[request.SessionId] = state.Evolve(new RunEvent.NodesFollowed(runId, [.. state.Followers.Where(f => f.RunId == runId).Select(f => f.HoldId)]), at);
        }
    }

    private void FreeAbove(Request request, DateTimeOffset at)
    {
        for (var place = 0; place < request.Path.Length; place++)
        {
            var hold = request.HoldAbove(place);
            if (_sessions.TryGetValue(request.Path[place].SessionId, out var above) && above.Holds.Open.ContainsKey(hold))
            {
                _sessions[above.SessionId] = above.Evolve(new SessionEvent.HoldVoided(hold), at);
            }
        }
    }

    private void Note(Guid hold, LeafEvent happened)
    {
        if (OutcomeOf(happened) is { } outcome && _refused[hold] is { Outcome: RecordedOutcome.Pending } run)
        {
            _undecided--;
            _refused[hold] = run with { Outcome = outcome, AmountMicros = happened is RunEvent.Concluded { Posted: true } e ? e.AmountMicros : run.AmountMicros };
        }
    }

    private static RecordedOutcome? OutcomeOf(LeafEvent happened) => happened switch
    {
        RunEvent.Concluded e => e.Posted ? RecordedOutcome.Succeeded : RecordedOutcome.Failed,
        RunEvent.Refused or RunEvent.WaitEnded => RecordedOutcome.Refused,
        _ => null,
    };

    /// <summary>Of events that need the run to be pending, to wait for approval, or to have been paid. That its nodes followed says nothing of a run that never was.</summary>
    private static Guid? RunOf(LeafEvent happened) => happened switch
    {
        RunEvent.FundChosen e => e.RunId,
        RunEvent.WalletChosen e => e.RunId,
        RunEvent.SettlementBegun e => e.RunId,
        RunEvent.CallBegun e => e.RunId,
        RunEvent.Concluded e => e.RunId,
        RunEvent.Refused e => e.RunId,
        SessionEvent.RefundTaken e => e.RunId,
        RunEvent.AwaitsApproval e => e.Run.RunId,
        RunEvent.Approved e => e.Run.RunId,
        RunEvent.WaitEnded e => e.RunId,
        _ => null,
    };
}
