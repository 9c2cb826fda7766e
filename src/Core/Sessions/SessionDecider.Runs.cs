using Agora.Core.Campaigns;
using Agora.Core.Kernel;
using Agora.Core.Users;
using SessionDecision = Agora.Core.Kernel.Decision<Agora.Core.Sessions.SessionState, Agora.Core.Sessions.SessionEvent>;

namespace Agora.Core.Sessions;

/// <summary>
/// A run, from request to settlement. The leaf (this session's budget) decides first; then the user's limits, which also name
/// the campaign in turn; then that campaign's escrow; then the service is called; then this stream, and only it, decides:
/// posted or void. All nodes follow; a node that hears nothing asks, and is told void only by a fenced append here.
/// </summary>
public sealed partial class SessionDecider
{
    private static SessionDecision RunService(SessionState state, SessionCommand.RunService c, Context context)
    {
        if (state.Pending.ContainsKey(context.CommandId))
        {
            return SessionDecision.Later(); // a repeat, in an activation that took the run over: it shares the run's outcome
        }

        var admitted = Admit(state, c.Request, context, out var refused);
        if (refused is not null)
        {
            return refused;
        }

        if (c.Service is not { } service)
        {
            return Refuse(admitted, c.Request, SessionRejection.ServiceNotFound(c.ServiceId), context);
        }

        if (c is { NamedCampaignId: { } named, NamedFound: false })
        {
            return Refuse(admitted, c.Request, SessionRejection.CampaignNotFound(named), context);
        }

        if (!state.Scopes.AdmitsCategory(service.Category))
        {
            return RefuseScope(admitted, c.Request, SessionRejection.OutOfScope("category", service.Category), context);
        }

        var rejection = RunRejection(state, c, service, context.Now);
        if (rejection is not null)
        {
            return Refuse(admitted, c.Request, rejection, context);
        }

        var requested = new SessionEvent.RunRequested(
            context.CommandId, context.NewId(1), service.ServiceId, service.PriceMicros, service.Provider, service.Owner, c.InputHash,
            context.Now + Limits.RunVoidedAfter, Line(c.Request, 200, context));
        return SessionDecision.Later(requested).WithSoft(admitted).Then(AskUser(state, c, requested));
    }

    // In order of precedence; the campaign's own conditions come later, from the campaign.
    private static Rejection? RunRejection(SessionState state, SessionCommand.RunService c, ServiceTerms service, DateTimeOffset now)
    {
        if (c.Request.Violations is { Count: > 0 } details) return SessionRejection.Invalid(details);
        if (service.Disabled) return SessionRejection.ServiceDisabled;
        if (Duplicate(state, c, now) is { } first) return SessionRejection.Duplicate(first.RunId, c.Request.Policy.DuplicateWindowSeconds);
        if (!state.Budget.CanReserve(service.PriceMicros)) return SessionRejection.OverBudget(service.PriceMicros, state.Budget.Remaining);
        if (c.MaxPriceMicros is { } max && service.PriceMicros > max) return SessionRejection.AboveMaxPrice(service.PriceMicros, max);
        return state.IsCrowded ? SessionRejection.TooManyRuns : null;
    }

    private static RecentInput? Duplicate(SessionState state, SessionCommand.RunService c, DateTimeOffset now) => c.Keyed
        ? null
        : state.Inputs.LastOrDefault(i =>
            i.ServiceId == c.ServiceId && i.InputHash == c.InputHash && now - i.At < TimeSpan.FromSeconds(c.Request.Policy.DuplicateWindowSeconds));

    private static Step AskUser(SessionState state, SessionCommand.RunService c, SessionEvent.RunRequested run)
    {
        var reserve = new UserCommand.Reserve(
            run.UserHold, Stream(state), run.RunId, state.AgentId!, run.PriceMicros, c.Candidates, Named: c.NamedCampaignId is not null);
        return new(
            Phase.AtOnce,
            new StepTarget.Entity(UserOf(state), reserve, Limits.ReserveDeadline),
            outcome => new SessionCommand.UserAnswered(run.RunId, run.UserHold, outcome, c.Input),
            run.RunId);
    }

    private static SessionDecision UserAnswered(SessionState state, SessionCommand.UserAnswered c, Context context)
    {
        if (!state.Pending.TryGetValue(c.RunId, out var run))
        {
            return Done; // voided meanwhile: the user's hold follows that
        }

        if (c.Outcome is not StepOutcome.Answered { Answer: var answer })
        {
            return RefuseRun(state, run, SessionRejection.Unreachable);
        }

        if (answer.Reply is not UserReserved reserved)
        {
            return RefuseRun(state, run, answer.Rejection!);
        }

        return reserved.Campaign is { } campaign
            ? AskFund(state, run, campaign, reserved, c.Input, context)
            : CallService(state, run, c.Input, context);
    }

    private static SessionDecision AskFund(SessionState state, PendingRun run, Candidate campaign, UserReserved reserved, Personal input, Context context)
    {
        var chosen = new SessionEvent.FundChosen(run.RunId, context.NewId(1), campaign, reserved.Why);
        var reserve = new CampaignCommand.Reserve(chosen.FundHold, Stream(state), run.RunId, run.ServiceId, run.PriceMicros, run.Provider, reserved.Attributes);
        return SessionDecision.Did(chosen).Ride(Riding.UntilAlarm).Then(new Step(
            Phase.AfterCommit,
            new StepTarget.Entity(new(state.Tenant, Kinds.Campaign, campaign.CampaignId), reserve, Limits.ReserveDeadline),
            outcome => new SessionCommand.FundAnswered(run.RunId, chosen.FundHold, outcome, input),
            run.RunId));
    }

    private static SessionDecision FundAnswered(SessionState state, SessionCommand.FundAnswered c, Context context)
    {
        if (!state.Pending.TryGetValue(c.RunId, out var run) || run.FundHold != c.HoldId)
        {
            return Done;
        }

        return c.Outcome switch
        {
            StepOutcome.Answered { Answer.Reply: CampaignReserved } => CallService(state, run, c.Input, context),
            StepOutcome.Answered { Answer.Rejection: { } refused } => Done.Then(AskNext(state, run, refused, c.Input)),
            _ => RefuseRun(state, run, SessionRejection.Unreachable),
        };
    }

    // A fund's refusal keeps the limits' holds and moves on to the next candidate.
    private static Step AskNext(SessionState state, PendingRun run, Rejection refused, Personal input) => new(
        Phase.AfterCommit,
        new StepTarget.Entity(UserOf(state), new UserCommand.NextFund(run.UserHold, run.Campaign!.CampaignId, refused.Code), Limits.ReserveDeadline),
        outcome => new SessionCommand.UserAnswered(run.RunId, run.UserHold, outcome, input),
        run.RunId);

    // The answer must be here before the run is voided. Many sponsors that were asked in vain may have left no time for a call.
    private static SessionDecision CallService(SessionState state, PendingRun run, Personal input, Context context)
    {
        var left = run.VoidAfter - context.Now - TimeSpan.FromSeconds(1);
        if (left <= TimeSpan.Zero)
        {
            return RefuseRun(state, run, SessionRejection.Unreachable);
        }

        return Done.Then(new Step(
            Phase.AfterCommit,
            new StepTarget.Call(new(run.ServiceId, input.Utf8, run.RunId, left < Limits.RunDeadline ? left : Limits.RunDeadline)),
            outcome => new SessionCommand.ServiceAnswered(run.RunId, outcome),
            run.RunId));
    }

    private static SessionDecision ServiceAnswered(SessionState state, SessionCommand.ServiceAnswered c, Context context)
    {
        if (!state.Pending.TryGetValue(c.RunId, out var run))
        {
            return Done; // a late answer of a run that was voided
        }

        return c.Outcome switch
        {
            StepOutcome.Output output => Settle(state, run, new SessionEvent.RunSettled(
                run.RunId, Facts(run), true, run.PriceMicros, PaymentOf(run, context), null, null, After(state, run, run.PriceMicros), output.Attempts) { Output = new(output.Body) }, context),
            StepOutcome.CallFailed failed => Settle(state, run, Failed(state, run, failed.Code, failed.Reason, failed.Attempts), context),
            _ => Settle(state, run, Failed(state, run, Codes.UpstreamFailed, "The service gave no outcome.", 0), context),
        };
    }

    private static SessionDecision Abandon(SessionState state, Guid runId, Context context) =>
        state.Pending.TryGetValue(runId, out var run) ? Settle(state, run, Failed(state, run, Codes.UpstreamTimeout, "The run had no outcome in time and was voided; nothing was spent.", 0), context) : Done;

    // Each by a command of its own: a settlement's budget rests on the one before. Without a key: also while its call hangs.
    private static IEnumerable<Step> Overdue(SessionState state, DateTimeOffset now) => state.Pending.Values
        .Where(run => now >= run.VoidAfter)
        .Select(run => new Step(Phase.AfterCommit, new StepTarget.Self(), _ => new SessionCommand.RunAbandoned(run.RunId)));

    private static SessionDecision Settle(SessionState state, PendingRun run, SessionEvent.RunSettled settled, Context context) =>
        SessionDecision.Did(settled).Settling(run.RunId, Outcome(settled, RateOf(state, context.Now))).Then([.. FollowersOf(state, settled).Select(Tell)]);

    private static SessionDecision RefuseRun(SessionState state, PendingRun run, Rejection reason)
    {
        var refused = new SessionEvent.RunRefused(run.RunId, Facts(run), reason);
        return SessionDecision.Did(refused).Settling(run.RunId, Answer.No(reason.With("run_id", run.RunId.ToString("D")))).Then([.. FollowersOf(state, refused).Select(Tell)]);
    }

    private static IEnumerable<Follower> FollowersOf(SessionState state, SessionEvent decided) =>
        state.Evolve(decided, state.CreatedAt).Followers.Skip(state.Followers.Length);

    private static Step Tell(Follower follower)
    {
        object command = (follower.Node.Kind, follower.Posted) switch
        {
            (Kinds.User, true) => new UserCommand.Post(follower.HoldId, follower.AmountMicros),
            (Kinds.User, false) => new UserCommand.Void(follower.HoldId),
            (Kinds.Campaign, true) => new CampaignCommand.Post(follower.HoldId, follower.AmountMicros),
            (Kinds.Campaign, false) => new CampaignCommand.Void(follower.HoldId),
            _ => throw new System.Diagnostics.UnreachableException(follower.Node.Kind),
        };
        return new(
            Phase.AfterCommit,
            new StepTarget.Entity(follower.Node, command),
            outcome => outcome is StepOutcome.Answered { Answer.Reply: HoldDecided } ? new SessionCommand.NodeTold(follower.RunId, follower.HoldId) : null,
            follower.HoldId);
    }

    private static SessionDecision NodeTold(SessionState state, SessionCommand.NodeTold c) =>
        state.Followers.Any(f => f.HoldId == c.HoldId) ? SessionDecision.Did(new SessionEvent.NodeFollowed(c.RunId, c.HoldId)).Ride(Riding.UntilAlarm) : Done;

    // `Void` is answered only with an event of its own, or from one that is durable; `posted` only from a durable one.
    private static SessionDecision Inquire(SessionState state, SessionCommand.Inquire c)
    {
        if (state.Pending.TryGetValue(c.RunId, out var run) && (run.UserHold == c.HoldId || run.FundHold == c.HoldId))
        {
            return SessionDecision.Accept(new Inquired(c.RunId, c.HoldId, Open: true, Posted: false, 0));
        }

        return state.Followers.FirstOrDefault(f => f.HoldId == c.HoldId) is { } follower
            ? SessionDecision.Accept(new Inquired(c.RunId, c.HoldId, Open: false, follower.Posted, follower.AmountMicros))
            : SessionDecision.Accept(new Inquired(c.RunId, c.HoldId, Open: false, Posted: false, 0), new SessionEvent.HoldDisowned(c.RunId, c.HoldId));
    }

    private static SessionEvent.RunSettled Failed(SessionState state, PendingRun run, string code, string message, int attempts) =>
        new(run.RunId, Facts(run), false, 0, null, code, message, After(state, run, null), attempts);

    private static Payment PaymentOf(PendingRun run, Context context) => run.Campaign is { } campaign
        ? new(context.NewId(2), run.PriceMicros, campaign.Sponsor, "sponsor", "posted", PayerKinds.Campaign, campaign.CampaignId, run.Why!, campaign.Owner is not null && campaign.Owner == run.Owner)
        : new(context.NewId(2), 0, "nobody", "free", "posted", PayerKinds.Nobody, "", "The service is free.", false);

    private static Budget After(SessionState state, PendingRun run, long? posted)
    {
        var account = posted is { } amount ? state.Budget.Post(run.PriceMicros, amount) : state.Budget.Void(run.PriceMicros);
        return (state with { Budget = account }).BudgetView;
    }

    private static Answer Outcome(SessionEvent.RunSettled e, RateStanding? rate) => e.Posted
        ? Answer.Of(new RunView(e.RunId, e.Run.ServiceId, RunState.Succeeded, e.Output, e.Payment, e.BudgetAfter, null, rate))
        : Answer.No(SessionRejection.RunFailed(e.RunId, e.FailureCode!, e.FailureMessage!));

    private static RunFacts Facts(PendingRun run) => new(run.ServiceId, run.Provider, run.RequestedAt, run.Line);

    private static string Stream(SessionState state) => new StreamId(state.Tenant, Kinds.Session, state.SessionId).ToString();

    private static StreamId UserOf(SessionState state) => new(state.Tenant, Kinds.User, state.UserId!);
}
