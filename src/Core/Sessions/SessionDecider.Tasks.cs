using Agora.Core.Access;
using Agora.Core.Kernel;
using Agora.Core.Runs;
using Agora.Core.Users;
using SessionDecision = Agora.Core.Kernel.Decision<Agora.Core.Sessions.SessionState, Agora.Core.Runs.LeafEvent>;

namespace Agora.Core.Sessions;

/// <summary>
/// Tasks and consents. The user's stream owns them (once per user and task); the session checks scope and content, asks, and
/// records what was answered. An answer that never came is asked for as a void: done, or never.
/// </summary>
public sealed partial class SessionDecider
{
    /// <summary>As <see cref="Admit"/>; and the task is there, and in scope. A refusal, or a task.</summary>
    private static SessionState AdmitTask(SessionState state, RequestInfo request, string campaignId, TaskTerms? task, Context context, out SessionDecision? refused)
    {
        var admitted = Admit(state, request, context, out refused);
        refused ??= task is null ? Refuse(admitted, request, RunRejection.CampaignNotFound(campaignId), context)
            : OutOfScope(state.Scopes, task) is { } outOfScope ? RefuseScope(admitted, request, outOfScope, context)
            : null;
        return admitted;
    }

    private static SessionDecision CompleteTask(SessionState state, SessionCommand.CompleteTask c, Context context)
    {
        if (state.Tasks.Values.Any(t => t.CommandId == context.CommandId))
        {
            return SessionDecision.Later(); // a repeat, in an activation that took the task over
        }

        var admitted = AdmitTask(state, c.Request, c.CampaignId, c.Task, context, out var refused);
        if (refused is not null || c.Task is not { } task) return refused!;

        var details = (c.Request.Violations ?? []).Concat(ConsentViolations(task, c.Consents)).ToList();
        if (details.Count > 0) return Refuse(admitted, c.Request, AccessRejection.Invalid(details), context);
        if (!task.Open) return Refuse(admitted, c.Request, SessionRejection.CampaignNotOpen, context);
        if (state.IsCrowded) return Refuse(admitted, c.Request, SessionRejection.TooManyTasks, context);

        var submitted = new SessionEvent.TaskSubmitted(context.NewId(1), context.CommandId, task.CampaignId, c.Request.Line(201, context));
        var complete = new UserCommand.CompleteTask(
            submitted.CompletionId, task.CampaignId, state.SessionId, state.AgentId!, Vias.Of(state.KeyId), c.Output, task.Consents, task.Targeting, c.AgentOwner, c.Outline);
        return SessionDecision.Later(submitted).WithSoft(admitted).Then(new Step(
            Phase.AfterCommit, new StepTarget.Entity(RunHolds.User(state), complete), outcome => new SessionCommand.TaskAnswered(submitted.CompletionId, outcome), submitted.CompletionId));
    }

    private static SessionDecision TaskAnswered(SessionState state, SessionCommand.TaskAnswered c, Context context)
    {
        if (!state.Tasks.TryGetValue(c.CompletionId, out var task)) return Done;

        switch (c.Outcome)
        {
            case StepOutcome.Answered { Answer.Reply: TaskDone done }:
                var recorded = new SessionEvent.TaskRecorded(task.CompletionId, task.CommandId, task.CampaignId, done.Consents, task.Line, Earned(done.Reward, context), Vias.Of(state.KeyId) is not Vias.Agent and var via ? via : null);
                return SessionDecision.Did(recorded).Answering(task.CommandId, Recall(recorded, task.CommandId)!.Answer);
            case StepOutcome.Answered { Answer.Reply: TaskVoided }:
                return RefuseTask(task, SessionRejection.TaskUnreachable, context);
            case StepOutcome.Answered { Answer.Rejection: { } refused }:
                return RefuseTask(task, refused, context);
            default:
                return Done.Then(AskVoided(state, task));
        }
    }

    private static SessionDecision RefuseTask(PendingTask task, Rejection reason, Context context)
    {
        var refused = new SessionEvent.TaskRefused(task.CompletionId, reason, task.Line with { Status = Codes.StatusOf(reason.Code) });
        return SessionDecision.Did(refused).Answering(task.CommandId, Answer.No(reason));
    }

    // Nobody knows whether the completion was recorded: it is asked for as a void, which is answered either way.
    private static Step AskVoided(SessionState state, PendingTask task) => new(
        Phase.AfterCommit,
        new StepTarget.Entity(RunHolds.User(state), new UserCommand.VoidTask(task.CompletionId)),
        outcome => outcome is StepOutcome.Answered ? new SessionCommand.TaskAnswered(task.CompletionId, outcome) : null,
        task.CompletionId);

    private static SessionDecision WithdrawConsent(SessionState state, SessionCommand.WithdrawConsent c, Context context)
    {
        var admitted = Admit(state, c.Request, context, out var refused);
        if (refused is not null) return refused;

        // Not counted as an attempt out of scope: which consents are whose is not for a session to know beforehand.
        if (!state.Path.IsEmpty) return Refuse(admitted, c.Request, SessionRejection.NotBelow, context);

        var id = context.CommandId;
        return SessionDecision.Later().WithSoft(admitted).Then(new Step(
            Phase.AfterCommit,
            new StepTarget.Entity(RunHolds.User(state), new UserCommand.WithdrawConsent(c.ConsentId, state.AgentId, state.SessionId)),
            outcome => new SessionCommand.WithdrawalAnswered(id, c.Request, outcome)));
    }

    private static SessionDecision WithdrawalAnswered(SessionCommand.WithdrawalAnswered c, Context context)
    {
        if (c.Outcome is StepOutcome.Answered { Answer.Reply: ConsentWithdrawn withdrawn })
        {
            var recorded = new SessionEvent.ConsentWithdrawalRecorded(c.CommandId, withdrawn, c.Request.Line(200, context));
            return SessionDecision.Did(recorded).Answering(c.CommandId, Answer.Of(withdrawn));
        }

        var reason = (c.Outcome as StepOutcome.Answered)?.Answer.Rejection ?? SessionRejection.TaskUnreachable;
        return SessionDecision.Did(new SessionEvent.Audited(c.Request.Line(Codes.StatusOf(reason.Code), context))).Answering(c.CommandId, Answer.No(reason));
    }

    private static Rejection? OutOfScope(Scopes scopes, TaskTerms task)
    {
        if (!ScopeRules.Covers(scopes.TaskTypes, task.Type)) return AccessRejection.OutOfScope("task type", task.Type);
        if (task.DataTypes.FirstOrDefault(d => !ScopeRules.Covers(scopes.DataTypes, d)) is { } dataType)
        {
            return AccessRejection.OutOfScope("data type", dataType);
        }

        return task.Consents.FirstOrDefault(k => !ScopeRules.Covers(scopes.Consents, k)) is { } consent ? AccessRejection.OutOfScope("consent", consent) : null;
    }

    private static IEnumerable<Detail> ConsentViolations(TaskTerms task, IReadOnlyList<ConsentGiven> given)
    {
        foreach (var asked in task.Consents.Where(asked => !given.Any(g => g.Type == asked && g.Granted)))
        {
            yield return new("/consents", "required", $"The task needs the user's consent '{asked}', granted: true.");
        }

        for (var i = 0; i < given.Count; i++)
        {
            if (!task.Consents.Contains(given[i].Type))
            {
                yield return new($"/consents/{i}/type", "enum", $"The task does not ask for the consent '{given[i].Type}'.");
            }
            else if (given.Take(i).Any(g => g.Type == given[i].Type))
            {
                yield return new($"/consents/{i}/type", "uniqueItems", $"The consent '{given[i].Type}' is given twice.");
            }
        }
    }
}
