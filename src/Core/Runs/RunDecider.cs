using System.Diagnostics;
using Agora.Core.Kernel;
using RunDecision = Agora.Core.Kernel.Decision<Agora.Core.Runs.Leaf, Agora.Core.Runs.LeafEvent>;

namespace Agora.Core.Runs;

/// <summary>
/// A run, from its request to its outcome; a file for each part, in this order.
/// <list type="number">
/// <item><see cref="RequestingService"/>, <see cref="RequestingTransfer"/>: why a request is refused, and what it asks for. An agent's transfer is a run without a service.</item>
/// <item><see cref="Beginning"/>: this leaf's budget holds the price, and whoever else has to is asked, all at once beside this stream's own append.</item>
/// <item><see cref="AskingUser"/>: the user's limits, which also name the campaign in turn.</item>
/// <item><see cref="Approving"/>: where the user's stream says so, the user is asked first; approved, the run begins anew.</item>
/// <item><see cref="AskingFund"/>: the fund that pays.</item>
/// <item><see cref="AskingAbove"/>: the sessions above. The run is ready when all of them hold its price.</item>
/// <item><see cref="Serving"/>: the service is called.</item>
/// <item><see cref="Calling"/>: of a run of a model, whoever asked for it calls the model, and says what was spent.</item>
/// <item><see cref="Settling"/>: of a run that is paid by x402, the payment is settled before its output is delivered.</item>
/// <item><see cref="Concluding"/>: this stream, and only it, gives the run its outcome: posted or void.</item>
/// <item><see cref="Cancelling"/>: before that, whoever asked for it may take it back, or an operator.</item>
/// <item><see cref="Telling"/>: all nodes follow. A node that hears nothing asks, and is told void only by a fenced append here.</item>
/// </list>
/// </summary>
internal static class RunDecider
{
    public static RunDecision Decide(Leaf leaf, RunCommand command, Context context) => command switch
    {
        RunCommand.RunService c => RequestingService.Begin(leaf, c, context),
        RunCommand.Transfer c => RequestingTransfer.Begin(leaf, c, context),
        RunCommand.UserAnswered c => AskingUser.Answered(leaf, c, context),
        RunCommand.DecideApproval c => Approving.Decide(leaf, c, context),
        RunCommand.Cancel c => Cancelling.Cancel(leaf, c, context),
        RunCommand.EndApproval c => Approving.End(leaf, c.RunId, context.Now),
        RunCommand.FundAnswered c => AskingFund.Answered(leaf, c, context),
        RunCommand.AncestorAnswered c => AskingAbove.Answered(leaf, c, context),
        RunCommand.ServiceAnswered c => Serving.Answered(leaf, c, context),
        RunCommand.EndCall c => Calling.End(leaf, c, context),
        RunCommand.CallsGoOn c => Calling.GoOn(leaf, c, context),
        RunCommand.CallSought c => Calling.Sought(leaf, c.RunId, context),
        RunCommand.PaymentEnded c => Settling.Ended(leaf, c, context),
        RunCommand.RunAbandoned c => Concluding.Abandon(leaf, c.RunId, context),
        RunCommand.NodeTold c => Telling.Told(leaf, c),
        _ => throw new UnreachableException(command.GetType().Name),
    };

    public static bool IsUnfinished(Leaf leaf) => !leaf.Pending.IsEmpty || !leaf.Followers.IsEmpty || (leaf.RevokedAt is not null && !leaf.Awaiting.IsEmpty);

    /// <summary>A run that a crash left behind is voided, whatever had become of it; one whose payment is being settled goes on.</summary>
    public static IEnumerable<Step> Unfinished(Leaf leaf) => leaf.Pending.Values
        .Select(run => run.Calling is not null ? Calling.Seek(run) : run.Settling is null ? Concluding.Abandoning(run, run.RunId) : Settling.Ask(leaf, run))
        .Concat(leaf.Followers.Where(f => !f.Told).Select(Telling.Tell));

    public static LateAnswer? Recall(RunEvent @event, Guid commandId) => @event switch
    {
        RunEvent.Concluded e => new(e.RunId, Concluding.Outcome(e, rate: null)) { Also = e.Model is null ? null : commandId }, // of a model's call whoever said how it ended, too
        RunEvent.Refused { WasApproved: true } e => new(e.RunId, Answer.No(e.Refusal()!)),
        RunEvent.WaitEnded e => new(e.RunId, Answer.No(e.Refusal()!)),
        RunEvent.Approved e => new(commandId, Answer.Of(new ApprovalGiven(e.Run.RunId, ApprovalState.Approved))),
        RunEvent.ApprovalAnswered e => new(commandId, Answer.Of(new ApprovalGiven(e.RunId, e.Approval))),
        _ => null,
    };
}
