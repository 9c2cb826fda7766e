using Agora.Core.Access;
using Agora.Core.Campaigns;
using Agora.Core.Kernel;
using Decided = Agora.Core.Kernel.Decision<Agora.Core.Users.UserState, Agora.Core.Users.UserEvent>;

namespace Agora.Core.Users;

/// <summary>
/// A task is done once a user, whichever agent or session does it. It is claimed here first, so that no other session can, then
/// its campaign counts it (max_completions), then it is complete. A session that lost the answer voids: done, or never.
/// </summary>
public sealed partial class UserDecider
{
    private static Decided CompleteTask(UserState state, UserCommand.CompleteTask c, Context context)
    {
        if (state.Completions.Values.FirstOrDefault(d => d.CompletionId == c.CompletionId) is { } done) return Decided.Accept(done.Done);
        if (state.Claims.TryGetValue(c.CompletionId, out var claim))
        {
            return claim.CommandId == context.CommandId ? Decided.Later() : Decided.Reject(UserRejection.TaskUndecided);
        }

        if (TooLate(state, c.CompletionId, context.Now) is { } late) return Decided.Reject(late).FixingTime();
        if (!state.Exists) return Decided.Reject(UserRejection.NotFound);

        return Refusal(state, c, context) is { } refused ? InScope(state, state.AnswersFor(c.SessionId, c.AgentId), refused) : Claim(state, c, context);
    }

    private static Rejection? Refusal(UserState state, UserCommand.CompleteTask c, Context context)
    {
        var claiming = state.RewardClaims.GetValueOrDefault(c.CampaignId) is { AmountMicros: null };
        return Refusal(state, c.SessionId, c.AgentId, c.CampaignId, c.Targeting, claiming ? UserRejection.ClaimUndecided : null, context);
    }

    /// <param name="sessionId">Whose path is looked at too; null: the agent alone.</param>
    /// <param name="claimed">What a claim of this task makes of the request.</param>
    private static Rejection? Refusal(UserState state, string? sessionId, string agentId, string campaignId, IReadOnlyList<TargetingRule> targeting, Rejection? claimed, Context context)
    {
        var session = sessionId is null ? null : state.Sessions.GetValueOrDefault(sessionId);
        if (sessionId is not null && state.Taken(sessionId) is { } taken) return taken;
        if ((session is null ? Suspended(state, agentId, null, context.Now) : Suspended(state, session.Terms, context.Now)) is { } suspended)
        {
            return suspended;
        }

        if (state.Completions.TryGetValue(campaignId, out var completion)) return UserRejection.AlreadyCompleted(completion.CompletionId);
        if (state.Claims.Values.Any(other => other.CampaignId == campaignId)) return UserRejection.CompletingElsewhere;
        if (claimed is not null) return claimed;
        if (state.ErasedAt is not null) return UserRejection.OutputCannotBeKept;
        return Targeting.Admits(targeting, state.Profile?.Known) ? null : UserRejection.NotTargeted;
    }

    private static Decided Claim(UserState state, UserCommand.CompleteTask c, Context context)
    {
        var consents = c.Consents.Select((type, n) => new ConsentRecorded(context.NewId(n).ToString("D"), type)).ToList();
        var claimed = new UserEvent.TaskClaimed(context.CommandId, c.CompletionId, c.CampaignId, c.SessionId, c.AgentId, c.GrantedVia, consents, c.AgentOwner, LiveClaim(state, c.CampaignId, context.Now)?.ClaimId, c.Outline) { Output = c.Output };
        var decided = Decided.Later(claimed).Then(CountStep(state, new(context.CommandId, c.CompletionId, c.CampaignId, c.SessionId, c.AgentId, c.GrantedVia, consents, c.AgentOwner, claimed.ClaimId)));
        return claimed.ClaimId is null && state.RewardClaims.GetValueOrDefault(c.CampaignId) is { } over ? EndingClaim(decided, state, c.CampaignId, over.ClaimId) : decided;
    }

    private static Decided CompletionAnswered(UserState state, UserCommand.CompletionAnswered c, Context context)
    {
        if (!state.Claims.TryGetValue(c.CompletionId, out var claim)) return Decided.NoChange;

        if (c.Refused is { } refused)
        {
            return Decided.Did(new UserEvent.TaskRefused(claim.CommandId, c.CompletionId, refused)).Answering(claim.CommandId, Answer.No(refused));
        }

        var done = new TaskDone(c.CompletionId, claim.CampaignId, claim.Consents, context.Now, Earned(c.Counted));
        var decided = Decided.Did(new UserEvent.TaskCompleted(claim.CommandId, done)).Answering(claim.CommandId, Answer.Of(done));
        return done.Reward is { AmountMicros: > 0 } ? decided.Then(TellStep(state, c.CompletionId, new(claim.CampaignId, Withdrawn: false))) : decided;
    }

    private static Decided VoidTask(UserState state, UserCommand.VoidTask c, Context context)
    {
        var voided = new TaskVoided(c.CompletionId);
        if (state.Completions.Values.FirstOrDefault(d => d.CompletionId == c.CompletionId) is { } done) return Decided.Accept(done.Done);
        if (state.Claims.TryGetValue(c.CompletionId, out var claim))
        {
            var decided = Decided.Accept(voided, new UserEvent.TaskRefused(claim.CommandId, c.CompletionId, UserRejection.TaskIsVoided), new UserEvent.TaskVoided(c.CompletionId, claim.CampaignId))
                .Answering(claim.CommandId, Answer.No(UserRejection.TaskIsVoided))
                .Then(UncountStep(state, c.CompletionId, claim.CampaignId));
            return claim.ClaimId is { } used ? EndingClaim(decided, state, claim.CampaignId, used) : decided;
        }

        // What is too old to be claimed needs no tombstone: its CompleteTask is refused by its age, at this time and ever after.
        return state.VoidedTasks.Find(c.CompletionId, context.Now) is HoldStanding.Unknown or HoldStanding.Ahead
            ? Decided.Accept(voided, new UserEvent.TaskVoided(c.CompletionId, null))
            : Decided.Accept(voided).FixingTime();
    }

    private static Decided CompletionReleased(UserState state, UserCommand.CompletionReleased c) => state.Uncounting.ContainsKey(c.CompletionId)
        ? Decided.Did(new UserEvent.CompletionReleased(c.CompletionId)).Ride(Riding.UntilAlarm)
        : Decided.NoChange;

    /// <summary>The exchange was consent for runs: the campaign's remaining runs end with it (see <see cref="Completion.Consented"/>).</summary>
    private static Decided WithdrawConsent(UserState state, UserCommand.WithdrawConsent c, Context context)
    {
        var given = state.Completions.Values.SelectMany(done => done.Consents, (done, consent) => (done.CampaignId, Consent: consent)).FirstOrDefault(g => g.Consent.ConsentId == c.ConsentId);
        if (given.Consent is null) return Decided.Reject(UserRejection.NoSuchConsent);
        if (c.AgentId is not null && !IsBy(state.Completions[given.CampaignId], c.AgentId, c.SessionId))
        {
            return Decided.Reject(UserRejection.AnothersConsent);
        }

        if (given.Consent.WithdrawnAt is { } before) return Decided.Accept(new ConsentWithdrawn(c.ConsentId, given.CampaignId, before));

        var withdrawn = Decided.Accept(new ConsentWithdrawn(c.ConsentId, given.CampaignId, context.Now), new UserEvent.ConsentWithdrawn(c.ConsentId, given.CampaignId, context.Now));
        return state.Completions[given.CampaignId] is var completion && UserState.EndsReward(completion)
            ? withdrawn.Then(TellStep(state, completion.CompletionId, new(given.CampaignId, Withdrawn: true)))
            : withdrawn;
    }

    /// <summary>Another agent's rewards and runs hang on what that agent gave. What was given in a sub-session is its root's to withdraw too.</summary>
    private static bool IsBy(Completion completion, string agentId, string? sessionId) => completion.AgentId == agentId || (sessionId is not null && SessionIds.RootOf(completion.SessionId) == sessionId);

    private static Rejection? TooLate(UserState state, Guid completionId, DateTimeOffset now) => state.VoidedTasks.Find(completionId, now) switch
    {
        HoldStanding.Unknown => null,
        HoldStanding.Voided => UserRejection.TaskIsVoided,
        HoldStanding.Ahead => UserRejection.TaskAhead,
        _ => UserRejection.TaskTooLate,
    };

    /// <summary>A refusal of an attempt that was in scope: it ends a row of violations, if there is one.</summary>
    private static Decided InScope(UserState state, string agentId, Rejection refused) => state.PairOf(agentId).InRow.IsEmpty || refused.Code == Codes.SessionSuspended
        ? Decided.Reject(refused)
        : Decided.Reject(refused, new UserEvent.RefusedInScope(agentId, refused));

    private static Step CountStep(UserState state, Claim claim) => new(
        Phase.AfterCommit,
        new StepTarget.Entity(
            CampaignStream(state, claim.CampaignId), new CampaignCommand.CountCompletion(claim.CompletionId, state.Stream.ToString(), claim.AgentId, claim.AgentOwner, claim.ClaimId)),
        outcome => outcome is StepOutcome.Answered { Answer: var answer } ? new UserCommand.CompletionAnswered(claim.CompletionId, answer.Rejection, answer.Reply as CompletionCounted) : null);

    private static Step UncountStep(UserState state, Guid completionId, string campaignId) => new(
        Phase.AfterCommit,
        new StepTarget.Entity(CampaignStream(state, campaignId), new CampaignCommand.VoidCompletion(completionId)),
        outcome => outcome is StepOutcome.Answered ? new UserCommand.CompletionReleased(completionId) : null);

    private static StreamId CampaignStream(UserState state, string campaignId) => new(state.Stream.Tenant, Kinds.Campaign, campaignId);
}
