using Agora.Core.Campaigns;
using Agora.Core.Kernel;
using Agora.Core.Nodes;
using Agora.Core.Users;
using static Agora.Core.Tests.Users.UserScenario;

namespace Agora.Core.Tests.Users;

/// <summary>Claims, and what campaigns hear of completions that earn something.</summary>
public sealed class RewardTests
{
    private static readonly Guid Id = Ids.Derive(UserTest.Start, Command("completion"), 0);
    private static readonly TaskClaim Claim = new(Claims, "c1", 50, UserTest.Start + Limits.ClaimTime);

    [Fact]
    public void A_claim_is_asked_of_its_campaign_and_answered_with_what_is_held_and_until_when()
    {
        var user = Known();
        user.When(user.Claim("c1", Command("request"), Claims), Command("claim")).ThenLater()
            .Then(new UserEvent.RewardAsked(Command("claim"), Claims, Command("request"), "c1", Agent, null, Claim.ExpiresAt))
            .ThenSteps(new CampaignCommand.ClaimReward(Claims, "default/user/u1", Agent, null));
        Assert.True(UserDecider.IsUnfinished(user.State));
        user.WhenStep(0, Answered(new RewardClaimed(Claims, 50))).Then(new UserEvent.RewardClaimed(Command("claim"), Claim)).ThenAnsweredLate(Command("claim"), a => Assert.Equal(Claim, a.Reply));
        Assert.False(UserDecider.IsUnfinished(user.State));
        Assert.Equal(Claim.ExpiresAt, UserDecider.Due(user.State));
    }

    [Fact]
    public void The_same_request_again_is_answered_with_its_claim_and_another_is_told_of_it()
    {
        var user = Claimed();
        user.When(user.Claim("c1", Command("request"))).Then().ThenAnswered(Claim);
        user.When(user.Claim("c1", agent: "a2")).ThenRejected(Codes.DuplicateRequest);
        Assert.Equal(Claims.ToString("D"), user.Rejection().Fact("claim_id"));
        Assert.Equal("2026-03-01T12:15:00.000000Z", user.Rejection().Fact("expires_at"));
    }

    [Fact]
    public void A_claim_that_the_campaign_refuses_is_none()
    {
        var (user, refused) = (Known(), CampaignRejection.RewardsExhausted);
        user.When(user.Claim("c1", id: Claims), Command("claim")).WhenStep(0, Refused(refused))
            .Then(new UserEvent.ClaimRefused(Command("claim"), "c1", Claims, refused)).ThenAnsweredLate(Command("claim"), a => Assert.Equal(refused, a.Rejection));
        Assert.Null(UserDecider.Due(user.State));
        user.When(user.Claim("c1")).ThenLater();
    }

    [Fact]
    public void A_completion_uses_the_claim_and_its_campaign_hears_that_it_is_for_good()
    {
        var user = Claimed();
        user.When(user.Complete("c1", id: Id), Command("done")).ThenSteps(new CampaignCommand.CountCompletion(Id, "default/user/u1", Agent, ClaimId: Claims));
        user.WhenStep(0, Answered(new CompletionCounted(Id, 50, 60)))
            .ThenAnsweredLate(Command("done"), a => Assert.Equal(new EarnedReward(50, 60, null), ((TaskDone)a.Reply!).Reward))
            .ThenSteps(new CampaignCommand.ConfirmCompletion(Id))
            .ThenState(s => Assert.Empty(s.RewardClaims));
        Assert.True(UserDecider.IsUnfinished(user.State));
        var told = user.Last.Steps[0];
        Assert.Null(told.Then(Lost));
        var follows = Assert.IsAssignableFrom<UserCommand>(told.Then(Answered(new RewardFollowed(Id))));
        user.When(follows).Then(new UserEvent.RewardTold(Id, Withdrawn: false)).When(follows).Then();
        Assert.False(UserDecider.IsUnfinished(user.State));
    }

    [Fact]
    public void A_completion_that_earns_nothing_says_why_and_its_campaign_hears_no_more()
    {
        var user = Known();
        user.When(user.Complete("c1", id: Id), Command("done")).WhenStep(0, Answered(new CompletionCounted(Id, WhyNot: "Same owner.")))
            .ThenAnsweredLate(Command("done"), a => Assert.Equal(new EarnedReward(0, 0, "Same owner."), ((TaskDone)a.Reply!).Reward)).ThenSteps();
        Assert.False(UserDecider.IsUnfinished(user.State));
    }

    [Fact]
    public void A_claim_is_over_by_this_streams_time_and_its_campaign_is_told()
    {
        var user = Claimed().After(Limits.ClaimTime - TimeSpan.FromMicroseconds(1)).When(new UserCommand.Tick()).Then();
        user.After(TimeSpan.FromMicroseconds(1)).When(new UserCommand.Tick()).Then(new UserEvent.ClaimEnded("c1", Claims)).ThenSteps(new CampaignCommand.VoidCompletion(Claims));
        Assert.True(UserDecider.IsUnfinished(user.State));
        user.WhenStep(0, Answered(new CompletionUncounted(Claims)));
        Assert.False(UserDecider.IsUnfinished(user.State));
        user.When(user.Claim("c1")).ThenLater();
    }

    [Fact]
    public void A_claim_that_is_over_is_replaced_by_the_next_or_by_a_completion()
    {
        var user = Claimed().After(Limits.ClaimTime);
        user.When(user.Claim("c1")).ThenEvents(typeof(UserEvent.ClaimEnded), typeof(UserEvent.RewardAsked));
        user = Claimed().After(Limits.ClaimTime);
        user.When(user.Complete("c1")).ThenEvents(typeof(UserEvent.ClaimEnded), typeof(UserEvent.TaskClaimed));
        Assert.Null(Assert.Single(user.State.Claims.Values).ClaimId);
    }

    [Fact]
    public void A_claim_in_use_is_not_over_until_its_completion_is_refused()
    {
        var user = Claimed();
        user.When(user.Complete("c1", id: Id));
        var count = user.Last.Steps[0];
        user.After(Limits.ClaimTime).When(new UserCommand.Tick()).Then()
            .When(new NodeCommand.InquireReward("c1", Claims)).ThenAnswered(new RewardStood(Claims, RewardStanding.Open))
            .When((UserCommand)count.Then(Refused(CampaignRejection.TaskNotOpen))!)
            .When(new UserCommand.Tick()).Then(new UserEvent.ClaimEnded("c1", Claims));
    }

    [Fact]
    public void A_voided_completion_ends_the_claim_that_it_used()
    {
        var user = Claimed();
        user.When(user.Complete("c1", id: Id)).When(new UserCommand.VoidTask(Id))
            .ThenEvents(typeof(UserEvent.ClaimEnded), typeof(UserEvent.TaskRefused), typeof(UserEvent.TaskVoided))
            .ThenSteps(new CampaignCommand.VoidCompletion(Id), new CampaignCommand.VoidCompletion(Claims));
    }

    [Fact]
    public void A_claim_that_its_campaign_never_answered_is_over_like_any_other_and_its_asker_is_told()
    {
        var user = Known();
        user.When(user.Claim("c1", id: Claims), Command("claim")).After(Limits.ClaimTime).When(new UserCommand.Tick())
            .Then(new UserEvent.ClaimEnded("c1", Claims)).ThenAnsweredLate(Command("claim"), a => Assert.Equal(UserRejection.ClaimIsOver, a.Rejection));
    }

    [Fact]
    public void A_campaign_that_asks_is_told_void_only_with_an_event_of_its_own()
    {
        var user = Known();
        user.When(new NodeCommand.InquireReward("c1", Id)).Then(new UserEvent.RewardDisowned("c1", Id)).ThenAnswered(new RewardStood(Id, RewardStanding.Void));
        user.When(user.Complete("c1", id: Id)).When(new NodeCommand.InquireReward("c1", Id)).Then().ThenAnswered(new RewardStood(Id, RewardStanding.Open));
        var did = Known().Did("c1").When(new NodeCommand.InquireReward("c1", Completion("c1"))).Then().ThenAnswered(new RewardStood(Completion("c1"), RewardStanding.Final));
        did.When(new UserCommand.WithdrawConsent("consent-c1")).When(new NodeCommand.InquireReward("c1", Completion("c1"))).ThenAnswered(new RewardStood(Completion("c1"), RewardStanding.Withdrawn));
    }

    [Fact]
    public void The_first_consent_withdrawn_asks_the_reward_back_and_what_was_said_before_no_longer_counts()
    {
        var user = Known();
        user.When(user.Complete("c1", id: Id, consents: ["contact", "retention"]), Command("done")).WhenStep(0, Answered(new CompletionCounted(Id, 50, 60)));
        var confirmed = Assert.IsAssignableFrom<UserCommand>(user.Last.Steps[0].Then(Answered(new RewardFollowed(Id))));
        var consents = user.State.Completions["c1"].Consents;
        user.When(new UserCommand.WithdrawConsent(consents[0].ConsentId)).ThenSteps(new CampaignCommand.ReturnReward(Id));
        user.When(confirmed).Then();
        Assert.Equal(new CampaignCommand.ReturnReward(Id), Assert.IsType<StepTarget.Entity>(Assert.Single(UserDecider.Unfinished(user.State, user.Now)).Target).Command);
        user.When(new UserCommand.WithdrawConsent(consents[1].ConsentId)).ThenSteps();
    }

    [Fact]
    public void A_done_or_a_targeted_task_cannot_be_claimed()
    {
        var user = Known().Did("c1");
        user.When(user.Claim("c1")).ThenRejected(UserRejection.AlreadyCompleted(Completion("c1")));
        user.When(user.Claim("c2", targeting: new TargetingRule("role", ["student"]))).ThenRejected(UserRejection.NotTargeted);
    }
}
