using Agora.Core.Access;
using Agora.Core.Kernel;
using Agora.Core.Runs;
using Agora.Core.Users;
using SessionDecision = Agora.Core.Kernel.Decision<Agora.Core.Sessions.SessionState, Agora.Core.Runs.LeafEvent>;

namespace Agora.Core.Sessions;

/// <summary>
/// Claims of rewards. The user's stream owns them; the session checks scope, asks, and records what was answered. Nothing of it is kept
/// here: a claim whose answer was lost is over in time by itself, and the same request again is answered with it.
/// </summary>
public sealed partial class SessionDecider
{
    private static SessionDecision ClaimTask(SessionState state, SessionCommand.ClaimTask c, Context context)
    {
        var admitted = AdmitTask(state, c.Request, c.CampaignId, c.Task, context, out var refused);
        if (refused is not null || c.Task is not { } task) return refused!;
        if (c.Request.Violations is { Count: > 0 } details) return Refuse(admitted, c.Request, AccessRejection.Invalid(details), context);
        if (!task.Open) return Refuse(admitted, c.Request, SessionRejection.CampaignNotOpen, context);

        var id = context.CommandId;
        var claim = new UserCommand.ClaimReward(context.NewId(1), id, task.CampaignId, state.AgentId!, c.AgentOwner, task.Targeting, state.SessionId);
        return SessionDecision.Later().WithSoft(admitted).Then(new Step(
            Phase.AfterCommit, new StepTarget.Entity(RunHolds.User(state), claim), outcome => new SessionCommand.ClaimAnswered(id, c.Request, outcome)));
    }

    private static SessionDecision ClaimAnswered(SessionCommand.ClaimAnswered c, Context context)
    {
        if (c.Outcome is StepOutcome.Answered { Answer.Reply: TaskClaim claim })
        {
            return SessionDecision.Did(new SessionEvent.ClaimRecorded(c.CommandId, claim, c.Request.Line(201, context))).Answering(c.CommandId, Answer.Of(claim));
        }

        var reason = (c.Outcome as StepOutcome.Answered)?.Answer.Rejection ?? SessionRejection.ClaimUnreachable;
        return SessionDecision.Did(new SessionEvent.Audited(c.Request.Line(Codes.StatusOf(reason.Code), context))).Answering(c.CommandId, Answer.No(reason));
    }

    /// <summary>Durations travel, times do not: the delay counts from this stream's time.</summary>
    private static TaskReward? Earned(EarnedReward? reward, Context context) => reward is null
        ? null
        : new(reward.AmountMicros, reward.AmountMicros > 0 ? context.Now.AddSeconds(reward.PayoutDelaySeconds) : null, reward.WhyNot);
}
