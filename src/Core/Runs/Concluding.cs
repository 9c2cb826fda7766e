using Agora.Core.Funds;
using Agora.Core.Kernel;
using Agora.Core.Nodes;
using RunDecision = Agora.Core.Kernel.Decision<Agora.Core.Runs.Leaf, Agora.Core.Runs.LeafEvent>;

namespace Agora.Core.Runs;

/// <summary>A run gets its outcome: here only, and once. Posted: its price is spent; failed, refused or abandoned: all of it is free again. Every node is told.</summary>
internal static class Concluding
{
    private const string X402Presented = "The request brought a payment by x402.";
    private const string OperatorPays = "The operator pays the provider; limits count what was spent.";
    private const string WalletAsked = "The request asked for the agent's wallet, or no sponsor covers the service.";

    public static RunDecision Conclude(Leaf leaf, PendingRun run, RunEvent.Concluded concluded, Context context) => Conclude(RunDecision.Did(concluded), leaf, run, concluded, context);

    /// <param name="decided">What is answered to whoever brought it about. Whoever asked for it is answered too; of a model's call that was, when it began.</param>
    public static RunDecision Conclude(RunDecision decided, Leaf leaf, PendingRun run, RunEvent.Concluded concluded, Context context) =>
        (run.Calling is not null ? decided : decided.Answering(run.RunId, Outcome(concluded, leaf.RateAt(context.Now), run.AboveMicros + (run.PriceMicros - concluded.AmountMicros))))
        .Then(Telling.Tell(RunHolds.FollowersOf(leaf, run, concluded.Posted, concluded.AmountMicros, concluded.TokensOf(run.Model) ?? 0))).Then(Waking(leaf));

    public static RunEvent.Concluded Paid(Leaf leaf, PendingRun run, long amount, Personal? output, int attempts, Context context, string? servedBy = null) => new(
        run.RunId, run.Facts, true, amount, PaymentOf(leaf, run, amount, context), null, null, After(leaf, run, amount), attempts, Near: NearLimits(leaf, run), ServedBy: servedBy) { Output = output };

    /// <param name="said">The tool's own words about the failure; null if there are none.</param>
    public static RunEvent.Concluded Failed(Leaf leaf, PendingRun run, string code, string message, int attempts, string? said = null) =>
        new(run.RunId, run.Facts, false, 0, null, code, message, After(leaf, run, null), attempts) { Output = said is null ? null : Personal.Of(said) };

    /// <summary>Limits or funds did not hold the price, or nothing could be called.</summary>
    public static RunDecision Refuse(Leaf leaf, PendingRun run, Rejection reason, Context context)
    {
        var isTentative = run.Model?.IsNoRefusal(reason) == true;
        var refused = new RunEvent.Refused(run.RunId, run.Facts, reason, run.ApprovedAt is not null, run.PriceMicros, !isTentative && CapHit.IsFirst(leaf.CapsHit, reason, context.Now), isTentative);
        return RunDecision.Did(refused).Answering(run.RunId, Answer.No(refused.Refusal()!)).Then(Telling.Tell(RunHolds.FollowersOf(leaf, run, posted: false, 0))).Then(Waking(leaf));
    }

    /// <summary>What it held is free: whoever waits for that at this budget is looked at.</summary>
    public static Step[] Waking(Leaf leaf) => leaf.Room.Waiting.IsEmpty ? [] : [new(Phase.AfterCommit, new StepTarget.Self(), static _ => new RunCommand.RoomLooked())];

    public static RunDecision Abandon(Leaf leaf, Guid runId, Context context) => leaf.Pending.TryGetValue(runId, out var run) && run is { Settling: null, Calling: null }
        ? Conclude(leaf, run, Failed(leaf, run, Codes.UpstreamTimeout, "The run had no outcome in time and was voided; nothing was spent.", 0), context)
        : RunDecision.NoChange;

    /// <summary>Each by a command of its own: a conclusion's budget rests on the one before. Without a key: also while its call hangs.</summary>
    public static IEnumerable<Step> Overdue(Leaf leaf, DateTimeOffset now) => leaf.Pending.Values
        .Where(run => now >= run.VoidAfter && run.Settling is null)
        .Select(run => run.Calling is null ? Abandoning(run) : Calling.Seek(run));

    public static Step Abandoning(PendingRun run, Guid key = default) => new(Phase.AfterCommit, new StepTarget.Self(), _ => new RunCommand.RunAbandoned(run.RunId), key);

    public static Answer Outcome(RunEvent.Concluded e, RateStanding? rate, long? above = null) => e.Posted
        ? Answer.Of(new RunView(e.RunId, e.Run.ServiceId, e.WhyFailed is null ? RunState.Succeeded : RunState.Failed, e.Output, e.Payment, e.BudgetAfter, e.WhyFailed is { } why ? RunRejection.RunFailed(e.RunId, why, e.FailureMessage ?? "The model gave no whole answer, and was paid for what it counted.") : null, rate, above, Near: e.Near, ServedBy: e.ServedBy, Cached: e.Cached))
        : Answer.No(e.Refusal()!);

    // As they stood while the run held its price: of a metered one that cost less, a cap may be further from its end by now.
    internal static IReadOnlyList<NearLimit>? NearLimits(Leaf leaf, PendingRun run) =>
        leaf.Budget is { IsNearLimit: true, Limit: { } limit } && run.PriceMicros > 0 ? [new(NearLimit.OfSession, leaf.SessionId, limit, leaf.Budget.Remaining), .. run.Near ?? []] : run.Near;

    private static Payment PaymentOf(Leaf leaf, PendingRun run, long amount, Context context)
    {
        var (fee, nodes) = (Fee.Of(amount, run.FeeBasisPoints), NodesOf(leaf, run));
        return run switch
        {
            { Wallet: { } payer, IsX402: true } => new(
                context.NewId(2), amount, payer[(payer.LastIndexOf(':') + 1)..], "x402", "posted", PayerKinds.Wallet, payer, X402Presented, RelatedParty: false, fee, nodes),
            { Wallet: { } wallet } => new(
                context.NewId(2), amount, leaf.Grantee, "wallet", "posted", PayerKinds.Wallet, wallet, run.Why ?? WalletAsked, RelatedParty: false, fee, nodes),
            { Campaign: { } campaign } => new(
                context.NewId(2), amount, campaign.Sponsor, "sponsor", "posted", PayerKinds.Campaign, campaign.CampaignId, run.Why ?? run.WhyNamed!,
                campaign.Owner is not null && campaign.Owner == run.Owner, fee, nodes, run.SchemaHash),
            { IsUnfunded: true } => new(context.NewId(2), amount, "operator", "operator", "posted", PayerKinds.Nobody, "", OperatorPays, RelatedParty: false, Nodes: nodes),
            _ => new(context.NewId(2), 0, "nobody", "free", "posted", PayerKinds.Nobody, "", "The service is free.", false),
        };
    }

    private static string? NodesOf(Leaf leaf, PendingRun run)
    {
        if (leaf.Path.IsEmpty && run.UserNodes is null) return null;

        List<string> nodes = [$"session/{leaf.SessionId}", .. leaf.Path.Reverse().Select(node => $"session/{node.SessionId}")];
        nodes.AddRange(run.UserNodes?.Split(' ').Select(account => $"user/{leaf.UserId}/{account}") ?? []);
        return string.Join(' ', nodes);
    }

    private static Budget After(Leaf leaf, PendingRun run, long? posted) => Leaf.ViewOf(leaf.Budget.End(run.PriceMicros, posted));
}
