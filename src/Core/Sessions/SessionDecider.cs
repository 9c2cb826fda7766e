using Agora.Core.Access;
using Agora.Core.Kernel;
using Agora.Core.Nodes;
using Agora.Core.Runs;
using Agora.Core.Users;
using Limit = Agora.Core.Nodes.LimitDecider<Agora.Core.Sessions.SessionDecider, Agora.Core.Sessions.SessionState, Agora.Core.Runs.LeafEvent>;
using Node = Agora.Core.Nodes.NodeDecider<Agora.Core.Sessions.SessionDecider, Agora.Core.Sessions.SessionState, Agora.Core.Runs.LeafEvent>;
using Room = Agora.Core.Nodes.RoomDecider<Agora.Core.Sessions.SessionDecider, Agora.Core.Sessions.SessionState, Agora.Core.Runs.LeafEvent>;
using SessionDecision = Agora.Core.Kernel.Decision<Agora.Core.Sessions.SessionState, Agora.Core.Runs.LeafEvent>;

namespace Agora.Core.Sessions;

/// <summary>
/// What a session allows, and what becomes of its tasks and of those below it. Its runs are decided in <see cref="RunDecider"/>.
/// <para>Every request of an agent passes <see cref="Admit"/> first: known, not revoked, not expired, not suspended, within the
/// rate, well-formed; in this order. What was refused is audited with the refusal, before the answer; a read is audited within
/// a second after it.</para>
/// <para>How a run is admitted is in SessionDecider.Runs.cs, tasks and consents in SessionDecider.Tasks.cs, claims in SessionDecider.Claims.cs, the tree in SessionDecider.Tree.cs and
/// SessionDecider.Holds.cs.</para>
/// </summary>
public sealed partial class SessionDecider : ILimit<SessionState, LeafEvent>
{
    public static bool IsUnfinished(SessionState state) =>
        RunDecider.IsUnfinished(state) || !state.Tasks.IsEmpty || state is { RevokedAt: not null, CloseCounted: false } || OwesTree(state);

    public static DateTimeOffset? Due(SessionState state) => state.NextExpiry is { } expiry && !(state.Holds.NextInquiry < expiry) ? expiry : state.Holds.NextInquiry;

    public static SessionDecision Decide(SessionState state, LeafCommand command, Context context) => command switch
    {
        RunCommand.RunService c => RunService(state, c, context),
        RunCommand.Transfer c => Transfer(state, c, context),
        RunCommand.Cancel c => CancelRun(state, c, context),
        RunCommand.RoomLooked or SessionCommand.Learned { Outcome: NodeOutcome.RoomLooked } => Room.Look(state, context),
        RunCommand c => RunDecider.Decide(state, c, context).Of<SessionState>(),
        SessionCommand.Access { Told: AccessCommand.Begin c } => Begin(state, c, context),
        SessionCommand.Access { Told: AccessCommand.SetStanding c } => SetStanding(state, c, context),
        SessionCommand.Node { Asked: NodeCommand.Inquire c } => Telling.Inquire(state, c).Of<SessionState>(),
        SessionCommand.Node c => Limit.Decide(state, c.Asked, context),
        SessionCommand.Learned { Outcome: NodeOutcome.HoldInquired c } => Node.Inquired(state, c, context),
        SessionCommand.Learned { Outcome: NodeOutcome.HoldStaysOpen c } => Node.StaysOpen(state, c, context),
        SessionCommand.Visit c => Visit(state, c, context),
        SessionCommand.CompleteTask c => CompleteTask(state, c, context),
        SessionCommand.ClaimTask c => ClaimTask(state, c, context),
        SessionCommand.GetRun c => GetRun(state, c, context),
        SessionCommand.GetRuns c => GetRuns(state, c, context),
        SessionCommand.WithdrawConsent c => WithdrawConsent(state, c, context),
        SessionCommand.Revoke c => Revoke(state, c, context),
        SessionCommand.EndByOperator c => End(state, c, context),
        SessionCommand.Peek c => Peek(state, c, context),
        SessionCommand.Delegate c => Delegate(state, c, context),
        SessionCommand.TakeRate => TakeRate(state, context),
        SessionCommand.EndAbove c => EndAbove(state, c, context),
        SessionCommand.CloseChild c => CloseChild(state, c),
        SessionCommand.DelegationAnswered c => DelegationAnswered(state, c, context),
        SessionCommand.ChildTold c => state.Children.ContainsKey(c.SessionId) ? SessionDecision.Did(new SessionEvent.ChildEnded(c.SessionId)).Ride(Riding.UntilAlarm) : Done,
        SessionCommand.ParentTold => state.ParentKnows ? Done : SessionDecision.Did(new SessionEvent.ParentTold()).Ride(Riding.UntilAlarm),
        SessionCommand.Tick => Done.Then([.. Concluding.Overdue(state, context.Now), .. Node.Inquiries(state, context.Now), .. Approving.EndOverdue(state, context.Now)]),
        SessionCommand.TaskAnswered c => TaskAnswered(state, c, context),
        SessionCommand.ClaimAnswered c => ClaimAnswered(c, context),
        SessionCommand.ViolationReported c => Done.Answering(c.CommandId, Answer.No(c.Refusal)),
        SessionCommand.WithdrawalAnswered c => WithdrawalAnswered(c, context),
        SessionCommand.CloseReported => state.CloseCounted ? Done : SessionDecision.Did(new SessionEvent.CloseCounted()).Ride(Riding.UntilAlarm),
        _ => throw new System.Diagnostics.UnreachableException(command.GetType().Name),
    };

    public static IEnumerable<Step> Unfinished(SessionState state, DateTimeOffset now)
    {
        foreach (var step in RunDecider.Unfinished(state).Concat(state.Tasks.Values.Select(t => AskVoided(state, t))))
        {
            yield return step;
        }

        if (state is { RevokedAt: not null, CloseCounted: false })
        {
            yield return ReportClose(state, state.RevokedAt);
        }

        foreach (var step in OwedToTree(state).Concat(state.RevokedAt is null ? [] : Approving.EndOverdue(state, now)))
        {
            yield return step;
        }
    }

    public static LateAnswer? Recall(LeafEvent @event, Guid commandId) => @event switch
    {
        RunEvent e => RunDecider.Recall(e, commandId),
        SessionEvent.Audited { Cancelled: { } run } => new(commandId, Answer.Of(RunViews.Of(run))),
        SessionEvent.Revoked e => new(commandId, Answer.Of(e.Ended)),
        SessionEvent.EndedFor { By: not null } e => new(commandId, Answer.Of(e.Ended)),
        SessionEvent.EndedFor e => new(commandId, Answer.Of(new StandingTaken(e.Ended.SessionId, e.Revision))),
        SessionEvent.TaskRecorded e => new(e.CommandId, Answer.Of(new Completed(e.CompletionId, e.CampaignId, e.GrantedVia ?? Vias.Agent, e.Consents, e.Reward))),
        SessionEvent.ClaimRecorded e => new(e.CommandId, Answer.Of(e.Claim)),
        SessionEvent.ConsentWithdrawalRecorded e => new(e.CommandId, Answer.Of(e.Withdrawn)),
        SessionEvent.DelegationBegun e => new(e.CommandId, Answer.Of(e.Session)),
        SessionEvent.HoldReserved e => new(commandId, Answer.Of(new SessionReserved(e.HoldId, e.RemainingMicros, e.Near))),
        SessionEvent.HoldPosted e => new(commandId, Answer.Of(new HoldEnded(e.HoldId, HoldStanding.Posted))),
        SessionEvent.HoldVoided e => new(commandId, Answer.Of(new HoldEnded(e.HoldId, HoldStanding.Voided))),
        SessionEvent.RefundTaken e => new(commandId, Answer.Of(new RefundTold(e.TellId, HoldStanding.Held))),
        SessionEvent.RefundReleased e => new(commandId, Answer.Of(new RefundTold(e.TellId, HoldStanding.Posted))),
        SessionEvent.EndedAbove or SessionEvent.ChildEnded => new(commandId, Answer.Of(Nothing.Value)),
        _ => null,
    };

    private static SessionDecision Done => SessionDecision.NoChange;

    private static SessionDecision Begin(SessionState state, AccessCommand.Begin c, Context context)
    {
        if (state.RevokedAt is not null || (state.UserId is not null && state.ExpiresAt <= context.Now))
        {
            return SessionDecision.Reject(SessionRejection.OverAlready);
        }

        if (state.UserId is not null) return SessionDecision.Accept(View(state, context.Now));

        var begun = new SessionEvent.Begun(c.AgentId, c.UserId, c.Scopes, c.BudgetLimitMicros, context.Now.AddSeconds(c.ExpiresInSeconds), c.Path, c.KeyId, c.Revision);
        return SessionDecision.Accept(View(state.Evolve(begun, context.Now), context.Now), begun);
    }

    private static SessionDecision Visit(SessionState state, SessionCommand.Visit c, Context context)
    {
        var admitted = Admit(state, c.Request, context, out var refused);
        if (refused is not null) return refused;
        if (c.Refused is { } rejection) return RefuseFor(admitted, c.Request, rejection, context);
        if (c.Peers is { } peers && admitted.Scopes.Beyond(peers) is { } beyond)
        {
            return peers.Count == 0 && IsRead(c.Request) ? Refuse(admitted, c.Request, AccessRejection.NoPeersToRead, context) : RefuseFor(admitted, c.Request, beyond, context);
        }

        return c.Request.Violations is { Count: > 0 } details
            ? Refuse(admitted, c.Request, AccessRejection.Invalid(details), context)
            : Read(admitted, c.Request, View(admitted, context.Now), context);
    }

    private static SessionDecision Revoke(SessionState state, SessionCommand.Revoke c, Context context)
    {
        if (state.UserId is null) return SessionDecision.Reject(SessionRejection.Unknown);
        if (state.RevokedAt is not null) return SessionDecision.Reject(AccessRejection.Ended(state.EndedBy));

        var ended = new SessionEnded(state.SessionId, context.Now);
        return Ended(state, context.Now, SessionDecision.Accept(ended, new SessionEvent.Revoked(ended, c.Request.Line(200, context))));
    }

    private static SessionDecision End(SessionState state, SessionCommand.EndByOperator c, Context context)
    {
        if (state.UserId is null) return SessionDecision.Reject(SessionRejection.NotFound);
        if (state.RevokedAt is { } before) return SessionDecision.Accept(new SessionEnded(state.SessionId, before));

        var ended = new SessionEnded(state.SessionId, context.Now);
        return Ended(state, context.Now, SessionDecision.Accept(ended, new SessionEvent.EndedFor(ended, Line(EndOperation, c.Endpoint, c.By, context), c.By, c.Reason, Revision: 0)));
    }

    // Whoever counts on this session is told: the user's stream, runs that wait for approval, those below and above.
    private static SessionDecision Ended(SessionState state, DateTimeOffset at, SessionDecision decision) => decision
        .Then(ReportClose(state, at)).Then(Approving.EndAll(state)).Then(state.Path.IsEmpty && state.Children.IsEmpty ? [] : [.. EndBelow(state), .. TellParent(state)]);

    private const string EndOperation = "end_session";

    private static AuditLine Line(string operation, string endpoint, string by, Context context) => new(context.NewId(0), operation, endpoint, $"by={by}", 200);

    private static SessionDecision SetStanding(SessionState state, AccessCommand.SetStanding c, Context context)
    {
        var reply = new StandingTaken(state.SessionId, c.Revision);
        if (c.Revision <= state.StandingRevision) return SessionDecision.Accept(reply);
        if (c.Ended is { } why && state is { UserId: not null, RevokedAt: null })
        {
            var ended = new SessionEvent.EndedFor(new(state.SessionId, context.Now), Line(EndOperation, UserEndpoint, why, context), By: null, why, c.Revision);
            return Ended(state, context.Now, SessionDecision.Accept(reply, ended));
        }

        return SessionDecision.Accept(
            reply, new SessionEvent.StandingChanged(c.Suspended, c.ForSeconds is { } s ? context.Now.AddSeconds(s) : null, c.Revision, InForce(state, c.Terms, context.Now)));
    }

    /// <summary>No route of the agent's: its user's stream did it.</summary>
    private const string UserEndpoint = "user";

    // Null where it changes nothing, as in a session that has ended: what still settles there is told by the terms it had. Seconds that are left count from here, and give back no more than there was.
    private static TermsInForce? InForce(SessionState state, TermsToday? today, DateTimeOffset now)
    {
        if (today is null || state is { UserId: null } or { RevokedAt: not null }) return null;

        var until = state.OpenedUntil ?? state.ExpiresAt;
        var raised = today.BudgetLimitMicros < state.Budget.Limit - state.RaisedMicros ? 0 : state.RaisedMicros;
        var terms = new TermsInForce(today.Scopes, today.BudgetLimitMicros + raised, today.ExpiresInSeconds is { } left && now.AddSeconds(left) < until ? now.AddSeconds(left) : until, raised);
        return GrantTerms.Same(terms.Scopes, state.Scopes) && terms.BudgetLimitMicros == state.Budget.Limit && terms.ExpiresAt == state.ExpiresAt ? null : terms;
    }

    /// <summary>The state with this request counted, or a refusal.</summary>
    private static SessionState Admit(SessionState state, RequestInfo request, Context context, out SessionDecision? refused)
    {
        refused = null;
        var now = context.Now;
        if (state.UserId is null)
        {
            refused = SessionDecision.Reject(SessionRejection.Unknown);
            return state;
        }

        if (state.RevokedAt is not null || now >= state.ExpiresAt)
        {
            refused = SessionDecision.Reject(state.RevokedAt is null ? AccessRejection.Expired : AccessRejection.Ended(state.EndedBy));
            return state;
        }

        var counted = request.IsOurs ? state : state with { Rate = request.Taken ?? state.Rate.Take(now) };
        var isOver = !request.IsOurs && counted.Rate.Count > request.Policy.RateLimitPerMinute;
        var rejection = state.IsSuspended(now) ? AccessRejection.Suspended(state.SuspendedUntil, now)
            : isOver ? SessionRejection.RateLimited(request.Policy.RateLimitPerMinute, counted.Rate.SecondsLeft(now))
            : request.Malformed;
        if (rejection is not null)
        {
            refused = isOver ? RefuseOver(counted, request, rejection, context) : Refuse(counted, request, rejection, context);
        }

        return counted;
    }

    // One row a window, whatever the flood and whatever it is told: it is written again only when the count has grown tenfold.
    private static SessionDecision RefuseOver(SessionState counted, RequestInfo request, Rejection rejection, Context context)
    {
        var over = counted.Rate.Count - request.Policy.RateLimitPerMinute;
        var line = request.Line(Codes.StatusOf(rejection.Code), context) with { AuditId = Ids.FromKey(counted.Tenant, counted.SessionId, "rate " + counted.Rate.Since.ToMicros().ToString(System.Globalization.CultureInfo.InvariantCulture)) };
        SessionEvent[] exceeded = IsPowerOfTen(over) ? [new SessionEvent.RateExceeded(line with { Summary = Count(over) }, over)] : [];
        return rejection.Code == Codes.RateLimited && request.Policy.Rate.BeginsFlood(counted.Rate.Count) ? RefuseFlood(counted, request, rejection, exceeded, context)
            : exceeded.Length > 0 ? SessionDecision.Reject(rejection, exceeded).Ride(Riding.Soon).WithSoft(counted)
            : SessionDecision.Reject(rejection).WithSoft(counted).AsQuery();
    }

    // The user's stream counts minutes of flood, for several sessions may flood by turns: one message a minute, and no row until it suspends.
    private static SessionDecision RefuseFlood(SessionState counted, RequestInfo request, Rejection rejection, SessionEvent[] exceeded, Context context)
    {
        var id = context.CommandId;
        var report = new UserCommand.ReportFlood(counted.AgentId!, counted.SessionId, counted.Rate.Since, request.Policy.FloodMinutes);
        return SessionDecision.Later(exceeded).WithSoft(counted).Then(new Step(
            Phase.AfterCommit,
            new StepTarget.Entity(new(counted.Tenant, Kinds.User, counted.UserId!), report),
            _ => new SessionCommand.ViolationReported(id, rejection)));
    }

    // A read is audited within a second after its answer.
    private static SessionDecision Read(SessionState counted, RequestInfo request, object reply, Context context) =>
        SessionDecision.Accept(reply, new SessionEvent.Audited(request.Line(200, context))).Ride(Riding.Soon).WithSoft(counted);

    private static SessionDecision Refuse(SessionState counted, RequestInfo request, Rejection rejection, Context context, RefusedRun? run = null)
    {
        var refusal = SessionDecision.Reject(rejection, new SessionEvent.Audited(request.Line(Codes.StatusOf(rejection.Code), context), run)).WithSoft(counted);
        return IsRead(request) ? refusal.Ride(Riding.Soon) : refusal;
    }

    private static SessionDecision RefuseFor(SessionState counted, RequestInfo request, Rejection rejection, Context context, RefusedRun? run = null) =>
        rejection.Code == Codes.ScopeViolation ? RefuseScope(counted, request, rejection, context, run) : Refuse(counted, request, rejection, context, run);

    // Suspension belongs to (agent, user): the user's stream counts, before the answer.
    private static SessionDecision RefuseScope(SessionState counted, RequestInfo request, Rejection rejection, Context context, RefusedRun? run = null)
    {
        var id = context.CommandId;
        var report = new UserCommand.ReportViolation(counted.AgentId!, counted.SessionId, request.Policy.AnomalyLimit, request.Policy.AnomalyWindowMinutes);
        return SessionDecision.Later(new SessionEvent.Audited(request.Line(Codes.StatusOf(rejection.Code), context), run))
            .WithSoft(counted)
            .Then(new Step(
                Phase.AfterCommit,
                new StepTarget.Entity(new(counted.Tenant, Kinds.User, counted.UserId!), report),
                _ => new SessionCommand.ViolationReported(id, rejection)));
    }

    private static Step ReportClose(SessionState state, DateTimeOffset? endedAt) => new(
        Phase.AfterCommit,
        new StepTarget.Entity(new(state.Tenant, Kinds.User, state.UserId!), new UserCommand.CloseSession(state.SessionId, endedAt)),
        outcome => outcome is StepOutcome.Answered ? new SessionCommand.CloseReported() : null);

    private static SessionDecision Peek(SessionState state, SessionCommand.Peek c, Context context)
    {
        if (state.UserId is null) return SessionDecision.Reject(SessionRejection.Unknown);

        var view = View(state, context.Now);
        return SessionDecision.Query(c.UnderWay is not { } runId ? view : view with
        {
            Runs = RunViews.Open(state, runId),
        });
    }

    private static SessionView View(SessionState state, DateTimeOffset now) => new(
        state.SessionId,
        state.AgentId!,
        state.UserId!,
        state.Scopes,
        state.BudgetView,
        state.RateAt(now),
        state.CreatedAt,
        state.ExpiresAt,
        state.RevokedAt,
        state.IsSuspended(now),
        state.IsSuspended(now) ? state.SuspendedUntil : null,
        [.. RunViews.Open(state).Concat(state.Recent).Take(Limits.RecentRuns)],
        state.Path.IsEmpty ? null : state.Path,
        state.Children.IsEmpty ? null : state.OpenChildren(now),
        state.Capped,
        state.KeyId,
        state.ModelUse == ModelUse.None ? null : state.ModelUse);

    private static bool IsRead(RequestInfo request) => request.Endpoint.StartsWith("GET ", StringComparison.Ordinal);

    private static bool IsPowerOfTen(long count)
    {
        while (count >= 10 && count % 10 == 0)
        {
            count /= 10;
        }

        return count == 1;
    }

    private static string Count(long over) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{over} or more requests above the rate");
}
