using Agora.Core.Services;
using System.Collections.Immutable;
using Agora.Core.Access;
using Agora.Core.Funds;
using Agora.Core.Kernel;
using Agora.Core.Nodes;
using Agora.X402;
using SessionDecision = Agora.Core.Kernel.Decision<Agora.Core.Sessions.SessionState, Agora.Core.Sessions.SessionEvent>;

namespace Agora.Core.Sessions;

/// <summary>
/// A run, from its request to its outcome. The leaf (this session's budget) decides first; then the user's limits, which also name
/// the campaign in turn, and beside them that campaign's escrow (SessionDecider.Funds.cs) and the sessions above; then the service is called; then this
/// stream, and only it, decides: posted or void. All nodes follow; a node that hears nothing asks, and is told void only by a
/// fenced append here.
/// </summary>
public sealed partial class SessionDecider
{
    private static SessionDecision RunService(SessionState state, SessionCommand.RunService c, Context context)
    {
        if (Repeated(state, context) is { } repeat)
        {
            return repeat;
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

        var (held, own) = (HeldFor(c, service), MayPayItself(c));
        var guess = Guess(state, c, service, held);
        var wallet = own && c.Candidates.Count == 0 && held > 0 ? c.Paid?.Identity.WalletId ?? state.OwnWallet : null;
        var requested = new SessionEvent.RunRequested(
            context.CommandId, context.NewId(1), service.ServiceId, held, service.Provider, service.Owner, InputHash: "",
            context.Now + Limits.RunVoidedAfter, Line(c.Request, 200, context), guess is null && wallet is null ? null : context.NewId(2), guess, service.Metered,
            wallet, own, c.Request.Policy.FeeBasisPoints, Category: service.Category, HoldsAbove: HoldsAbove(state, context))
        {
            SealedHash = c.InputHash.Length == 0 ? null : Personal.Of(c.InputHash),
        };
        return Begin(admitted, requested, c.Candidates, c.NamedCampaignId is not null, c.Input, context, c.Paid);
    }

    // Whoever holds the price is asked at once, beside this stream's own append.
    private static SessionDecision Begin(
        SessionState admitted, SessionEvent.RunRequested run, IReadOnlyList<Candidate> candidates, bool named, Personal input, Context context, PresentedPayment? paid = null) =>
        Ask(SessionDecision.Later(run).WithSoft(admitted), admitted, run, candidates, named, input, context, approved: false, paid);

    private static SessionDecision Ask(
        SessionDecision begun, SessionState state, SessionEvent.RunRequested run, IReadOnlyList<Candidate> candidates, bool named, Personal input, Context context, bool approved, PresentedPayment? paid)
    {
        var user = AskUser(state, run, candidates, named, input, approved, paid);
        var asked = run.FundHold is null ? begun.Then(user) : begun.Then(user, AskGuess(state, run, input, paid));
        return state.Path.IsEmpty ? asked : asked.Then([.. AskAbove(state, run, input, context.Now, approved)]);
    }

    // In order of precedence; the campaign's own conditions come later, from the campaign.
    private static Rejection? RunRejection(SessionState state, SessionCommand.RunService c, ServiceTerms service, DateTimeOffset now)
    {
        if (c.Request.Violations is { Count: > 0 } details) return SessionRejection.Invalid(details);
        if (service.Disabled) return SessionRejection.ServiceDisabled;
        if (Duplicate(state, c, now) is { } first) return SessionRejection.Duplicate(first.RunId, c.Request.Policy.DuplicateWindowSeconds);
        if (c.NamedRelated) return SessionRejection.RelatedSponsor;
        var held = HeldFor(c, service);
        if (!state.Budget.CanReserve(held)) return SessionRejection.OverBudget(state.SessionId, held, state.Budget.Remaining);
        if (c.MaxPriceMicros is { } max && (held > max || IsUnpayable(service, held))) return SessionRejection.AboveMaxPrice(service.PriceMicros, max);
        if (c.Unpaid is { } unpaid && held > 0) return unpaid;
        return state.IsCrowded ? SessionRejection.TooManyRuns : null;
    }

    // Whoever spends the agent's own says how much it may be.
    private static bool MayPayItself(SessionCommand.RunService c) => c is { PayWith: null, NamedCampaignId: null, MaxPriceMicros: not null } or { PayWith: PayWith.Wallet } or { Paid: not null };

    private static long HeldFor(SessionCommand.RunService c, ServiceTerms service) => service.HeldFor(c.MaxPriceMicros);

    // Free is what has no price: a metered run that may cost nothing would be served with no fund, and past the user's approval.
    private static bool IsUnpayable(ServiceTerms service, long held) => held == 0 && service.PriceMicros > 0;

    private static RecentInput? Duplicate(SessionState state, SessionCommand.RunService c, DateTimeOffset now) => c.Keyed
        ? null
        : state.Inputs.Find(c.ServiceId, c.InputHash, now - TimeSpan.FromSeconds(c.Request.Policy.DuplicateWindowSeconds));

    // The answer must be here before the run is voided. Many sponsors that were asked in vain may have left no time for a call.
    private static SessionDecision CallService(SessionState state, PendingRun run, Personal input, Context context)
    {
        if (run.IsTransfer)
        {
            return Conclude(state, run, Paid(state, run, run.PriceMicros, null, 0, context), context);
        }

        var left = run.VoidAfter - context.Now - TimeSpan.FromSeconds(1);
        if (left <= TimeSpan.Zero)
        {
            return RefuseRun(state, run, SessionRejection.Unreachable);
        }

        return Done.Then(new Step(
            Phase.AfterCommit,
            new StepTarget.Outside(new ServiceCall(run.ServiceId, state.UserId!, state.Grantee, input.Utf8, run.RunId, left < Limits.RunDeadline ? left : Limits.RunDeadline, run.Metered ? run.PriceMicros : null)),
            outcome => new SessionCommand.ServiceAnswered(run.RunId, outcome, run.SchemaHash),
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
            ServiceOutcome.Output output when run.IsX402 => BeginSettlement(state, run, output),
            ServiceOutcome.Output output => Conclude(state, run, Paid(state, run with { SchemaHash = c.SchemaHash }, output.CostMicros ?? run.PriceMicros, new(output.Body), output.Attempts, context), context),
            ServiceOutcome.CallFailed failed => Conclude(state, run, Failed(state, run, failed.Code, failed.Reason, failed.Attempts), context),
            ServiceOutcome.NotCalled => RefuseRun(state, run, SessionRejection.ServiceOutOfReach),
            _ => Conclude(state, run, Failed(state, run, Codes.UpstreamFailed, "The service gave no outcome.", 0), context),
        };
    }

    private static SessionEvent.RunConcluded Paid(SessionState state, PendingRun run, long amount, Personal? output, int attempts, Context context) => new(
        run.RunId, Facts(run), true, amount, PaymentOf(state, run, amount, context), null, null, After(state, run, amount), attempts) { Output = output };

    private static SessionDecision Abandon(SessionState state, Guid runId, Context context) =>
        state.Pending.TryGetValue(runId, out var run) && run.Settling is null ? Conclude(state, run, Failed(state, run, Codes.UpstreamTimeout, "The run had no outcome in time and was voided; nothing was spent.", 0), context) : Done;

    // Each by a command of its own: a conclusion's budget rests on the one before. Without a key: also while its call hangs.
    private static IEnumerable<Step> Overdue(SessionState state, DateTimeOffset now) => state.Pending.Values
        .Where(run => now >= run.VoidAfter && run.Settling is null)
        .Select(run => new Step(Phase.AfterCommit, new StepTarget.Self(), _ => new SessionCommand.RunAbandoned(run.RunId)));

    private static SessionDecision Conclude(SessionState state, PendingRun run, SessionEvent.RunConcluded settled, Context context) =>
        SessionDecision.Did(settled).Answering(run.RunId, Outcome(settled, RateOf(state, context.Now), run.AboveMicros + (run.PriceMicros - settled.AmountMicros))).Then(Tell(state.FollowersOf(run, settled.Posted, settled.AmountMicros)));

    private static SessionDecision RefuseRun(SessionState state, PendingRun run, Rejection reason)
    {
        var refused = new SessionEvent.RunRefused(run.RunId, Facts(run), reason, run.ApprovedAt is not null);
        return SessionDecision.Did(refused).Answering(run.RunId, Answer.No(reason.With("run_id", run.RunId.ToString("D")))).Then(Tell(state.FollowersOf(run, posted: false, 0)));
    }

    private static Step[] Tell(ImmutableArray<Follower> followers)
    {
        var steps = new Step[followers.Length];
        for (var i = 0; i < steps.Length; i++)
        {
            steps[i] = Tell(followers[i]);
        }

        return steps;
    }

    private static Step Tell(Follower follower) => NodeSteps.Tell(
        follower.Node, follower.HoldId, follower.Posted, follower.AmountMicros, outcome => NodeSteps.HasFollowed(outcome) ? new SessionCommand.NodeTold(follower.RunId, follower.HoldId) : null);

    // One event for all nodes of the run that had to be told, when the last of them has answered.
    private static SessionDecision NodeTold(SessionState state, SessionCommand.NodeTold c)
    {
        var (others, waits) = (new List<Guid>(3), false);
        Follower? told = null;
        foreach (var follower in state.Followers)
        {
            if (follower.RunId != c.RunId) continue;

            others.Add(follower.HoldId);
            if (follower.HoldId == c.HoldId) told = follower;
            else waits |= !follower.Told;
        }

        return told is null ? Done
            : waits ? Done.WithSoft(state with { Followers = state.Followers.Replace(told, told with { Told = true }) })
            : SessionDecision.Did(new SessionEvent.NodesFollowed(c.RunId, others)).Ride(Riding.UntilAlarm);
    }

    private static SessionDecision Inquire(SessionState state, NodeCommand.Inquire c) => HoldOwner.Answer<SessionState, SessionEvent>(
        c,
        state.Pending.TryGetValue(c.RunId, out var run) && (run.UserHold == c.HoldId || run.FundHold == c.HoldId || state.IsAbove(run, c.HoldId)),
        state.Followers.FirstOrDefault(f => f.HoldId == c.HoldId) is { } follower ? (follower.Posted, follower.AmountMicros) : null,
        new SessionEvent.HoldDisowned(c.RunId, c.HoldId));

    private static SessionEvent.RunConcluded Failed(SessionState state, PendingRun run, string code, string message, int attempts) =>
        new(run.RunId, Facts(run), false, 0, null, code, message, After(state, run, null), attempts);

    private static Payment PaymentOf(SessionState state, PendingRun run, long amount, Context context)
    {
        var (fee, nodes) = (Fee.Of(amount, run.FeeBasisPoints), NodesOf(state, run));
        return run switch
        {
            { Wallet: { } payer, IsX402: true } => new(
                context.NewId(2), amount, payer[(payer.LastIndexOf(':') + 1)..], "x402", "posted", PayerKinds.Wallet, payer, X402Presented, RelatedParty: false, fee, nodes),
            { Wallet: { } wallet } => new(
                context.NewId(2), amount, state.Grantee, "wallet", "posted", PayerKinds.Wallet, wallet, run.Why ?? WalletAsked, RelatedParty: false, fee, nodes),
            { Campaign: { } campaign } => new(
                context.NewId(2), amount, campaign.Sponsor, "sponsor", "posted", PayerKinds.Campaign, campaign.CampaignId, run.Why ?? run.WhyNamed!,
                campaign.Owner is not null && campaign.Owner == run.Owner, fee, nodes, run.SchemaHash),
            _ => new(context.NewId(2), 0, "nobody", "free", "posted", PayerKinds.Nobody, "", "The service is free.", false),
        };
    }

    private static string? NodesOf(SessionState state, PendingRun run)
    {
        if (state.Path.IsEmpty && run.UserNodes is null)
        {
            return null;
        }

        List<string> nodes = [$"session/{state.SessionId}", .. state.Path.Reverse().Select(node => $"session/{node.SessionId}")];
        nodes.AddRange(run.UserNodes?.Split(' ').Select(account => $"user/{state.UserId}/{account}") ?? []);
        return string.Join(' ', nodes);
    }

    private static Budget After(SessionState state, PendingRun run, long? posted) => SessionState.ViewOf(state.Budget.End(run.PriceMicros, posted));

    private static Answer Outcome(SessionEvent.RunConcluded e, RateStanding? rate, long? above = null) => e.Posted
        ? Answer.Of(new RunView(e.RunId, e.Run.ServiceId, RunState.Succeeded, e.Output, e.Payment, e.BudgetAfter, null, rate, above))
        : Answer.No(SessionRejection.RunFailed(e.RunId, e.FailureCode!, e.FailureMessage!));

    private static RunFacts Facts(PendingRun run) => new(run.ServiceId, run.Provider, run.RequestedAt, run.Line);

    private static StreamId UserOf(SessionState state) => new(state.Tenant, Kinds.User, state.UserId!);
}
