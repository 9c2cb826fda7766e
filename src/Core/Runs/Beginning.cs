using Agora.Core.Kernel;
using Agora.Core.Nodes;
using Agora.X402;
using RunDecision = Agora.Core.Kernel.Decision<Agora.Core.Runs.Leaf, Agora.Core.Runs.LeafEvent>;

namespace Agora.Core.Runs;

/// <summary>
/// A run begins: its price is held on this leaf's budget, and whoever else holds it is asked at once, beside this stream's own append. Nothing is called before
/// the user's limits, the fund and every session above have said yes: their rows are durable then, and this one's travels with the run's outcome, if that comes soon. Where it is lost the run
/// was never begun, whoever holds inquires, and is told so behind a fenced append; a repeat under its key begins it again, under the same run's id, by which the service knows it. Of what is to be
/// called once, and of a payment by x402, it is durable before.
/// </summary>
internal static class Beginning
{
    public static RunDecision Begin(
        Leaf admitted, RunEvent.Requested run, IReadOnlyList<Candidate> candidates, bool named, Personal input, Context context, PresentedPayment? paid = null, bool once = false) =>
        Ask(RunDecision.Later(run).Ride(paid is null && !once ? Riding.Begun : Riding.No).WithSoft(admitted), admitted, run, candidates, named, run.Category, input, context, approved: false, paid);

    public static RunDecision Ask(
        RunDecision begun, Leaf leaf, RunEvent.Requested run, IReadOnlyList<Candidate> candidates, bool named, string? category, Personal input, Context context, bool approved, PresentedPayment? paid)
    {
        var user = AskingUser.Ask(leaf, run, candidates, named, category, input, approved, paid);
        var asked = run.FundHold is null ? begun.Then(user) : begun.Then(user, AskingFund.AskGuess(leaf, run, input, paid));
        return leaf.Path.IsEmpty ? asked : asked.Then([.. AskingAbove.Ask(leaf, run, input, context.Now, approved)]);
    }
}
