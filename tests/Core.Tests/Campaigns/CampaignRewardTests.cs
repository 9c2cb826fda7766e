using Agora.Core.Campaigns;
using Agora.Core.Funds;
using Agora.Core.Kernel;
using Agora.Core.Nodes;
using Agora.Core.Tests.Nodes;
using static Agora.Core.Tests.Campaigns.Sample;
using Campaign = Agora.Core.Tests.Kernel.Scenario<Agora.Core.Campaigns.CampaignState, Agora.Core.Campaigns.CampaignCommand, Agora.Core.Campaigns.CampaignEvent>;

namespace Agora.Core.Tests.Campaigns;

/// <summary>A campaign that pays 300 for a completed task, an hour after it.</summary>
public sealed class CampaignRewardTests
{
    private const string User = "default/user/u1";
    private const string Wallet = "agent:a1";
    private static readonly CampaignDefinition Paying = Definition with { RewardMicros = 300, PayoutDelaySeconds = 3_600, Owner = "acme" };
    private static readonly TimeSpan Delay = TimeSpan.FromHours(1);

    [Fact]
    public void A_completion_holds_its_reward_and_is_paid_once_when_its_delay_is_over()
    {
        var campaign = Counted(out var id);
        campaign.ThenAnswered(new CompletionCounted(id, 300, 3_600)).ThenState(s => Assert.Equal((300, 700), (s.Escrow.Held, s.Escrow.Remaining)));
        campaign.When(new CampaignCommand.ConfirmCompletion(id)).Then(new CampaignEvent.RewardScheduled(id, campaign.Now + Delay)).ThenAnswered(new RewardFollowed(id))
            .When(new CampaignCommand.ConfirmCompletion(id)).Then()
            .After(Delay - TimeSpan.FromMicroseconds(1)).When(new CampaignCommand.Tick()).Then()
            .After(TimeSpan.FromMicroseconds(1)).When(new CampaignCommand.Tick())
            .ThenEvents(typeof(CampaignEvent.RewardPaid), typeof(CampaignEvent.TransferSent))
            .ThenSteps(new NodeCommand.Credit("default/campaign/c1", new(1, 300, "runs paid by campaign c1", [new(id, 300, "reward of campaign c1", IsReward: true)], Sent + Delay)))
            .When(new CampaignCommand.Tick()).Then()
            .When(new CampaignCommand.ConfirmCompletion(id)).Then()
            .When(new CampaignCommand.ReturnReward(id)).Then()
            .When(new CampaignCommand.Get()).ThenAnswered<CampaignView>(v => Assert.Equal((new RewardTotals(300, 0, 0), new Escrow(1_000, 0, 300, 700)), (v.Rewards, v.Escrow)));
    }

    [Fact]
    public void Without_a_delay_it_is_paid_with_the_word_that_the_completion_is_for_good()
    {
        var campaign = Counted(out var id, Paying with { PayoutDelaySeconds = 0 });
        campaign.When(new CampaignCommand.ConfirmCompletion(id))
            .ThenEvents(typeof(CampaignEvent.RewardScheduled), typeof(CampaignEvent.RewardPaid), typeof(CampaignEvent.TransferSent))
            .ThenState(s => Assert.Equal(300, s.Dues.To(Wallet).InTransitMicros));
    }

    [Fact]
    public void What_is_left_is_not_enough_rewards_exhausted_and_nothing_is_counted()
    {
        var campaign = Counted(out _, funded: 599);
        campaign.When(Count(campaign.NextId())).ThenRejected(CampaignRejection.RewardsExhausted).ThenState(s => Assert.Equal(1, s.Completions));
        campaign.When(Claim(campaign.NextId())).ThenRejected(CampaignRejection.RewardsExhausted);
    }

    [Fact]
    public void An_agent_of_the_sponsors_own_is_counted_and_paid_nothing()
    {
        var campaign = Open();
        var id = campaign.NextId();
        campaign.When(Count(id) with { AgentOwner = "acme" })
            .ThenAnswered<CompletionCounted>(c => Assert.Equal((0, true), (c.RewardMicros, c.WhyNot is not null)))
            .ThenState(s => Assert.Equal((1, 0), (s.Completions, s.Escrow.Held)));
        campaign.When(new CampaignCommand.ConfirmCompletion(id)).Then();
        campaign.When(Claim(campaign.NextId()) with { AgentOwner = "acme" }).ThenRejected(CampaignRejection.RelatedAgent);
    }

    [Fact]
    public void Where_nobody_has_looked_up_the_agents_owner_it_is_to_be_tried_again()
    {
        var campaign = Open();
        campaign.When(Count(campaign.NextId()) with { AgentOwner = null }).ThenRejected(CampaignRejection.OwnerNotKnown);
        campaign.When(Claim(campaign.NextId()) with { AgentOwner = null }).ThenRejected(CampaignRejection.OwnerNotKnown);
        var ownerless = Open(Paying with { Owner = null });
        ownerless.When(Count(ownerless.NextId()) with { AgentOwner = null }).ThenAnswered<CompletionCounted>(c => Assert.Equal(300, c.RewardMicros));
    }

    [Fact]
    public void A_claim_holds_the_reward_and_its_completion_takes_it_over()
    {
        var (campaign, claim) = Claimed(funded: 300);
        campaign.ThenAnswered(new RewardClaimed(claim, 300)).When(Claim(claim)).Then().ThenAnswered(new RewardClaimed(claim, 300));
        var id = campaign.NextId();
        campaign.When(Count(id) with { ClaimId = claim }).ThenAnswered(new CompletionCounted(id, 300, 3_600))
            .ThenState(s => Assert.Equal((300, 1, 0), (s.Escrow.Held, s.Rewards.Open.Count, s.Rewards.Claims)))
            .When(Claim(claim)).ThenRejected(FundRejection.AlreadyDecided)
            .When(new CampaignCommand.VoidCompletion(claim)).Then();
    }

    [Fact]
    public void A_claim_pays_what_it_was_made_for_whatever_the_campaign_promises_then()
    {
        var (campaign, claim) = Claimed();
        var id = campaign.NextId();
        campaign.When(new CampaignCommand.PutCampaign(Paying with { RewardMicros = 0 })).When(Count(id) with { ClaimId = claim }).ThenAnswered(new CompletionCounted(id, 300, 3_600));
    }

    [Fact]
    public void A_claim_by_one_agent_that_one_of_the_sponsors_uses_is_let_go()
    {
        var (campaign, claim) = Claimed();
        campaign.When(Count(campaign.NextId()) with { ClaimId = claim, AgentOwner = "acme" }).ThenState(s => Assert.Equal((0, 1), (s.Escrow.Held, s.Completions)));
    }

    [Fact]
    public void A_claim_takes_one_of_the_completions_that_are_wanted_until_it_is_over()
    {
        var (campaign, claim) = Claimed(Paying with { MaxCompletions = 1 });
        campaign.When(Count(campaign.NextId())).ThenRejected(CampaignRejection.EnoughCompletions);
        campaign.When(Claim(campaign.NextId())).ThenRejected(CampaignRejection.EnoughCompletions);
        campaign.When(Count(campaign.NextId()) with { ClaimId = claim }).ThenState(s => Assert.Equal(1, s.Completions));
    }

    [Fact]
    public void A_voided_completion_or_claim_gives_its_reward_back_however_late()
    {
        var campaign = Counted(out var id).After(TimeSpan.FromSeconds(200));
        var held = campaign.State.View(campaign.State.Rewards.Open[id], RewardStates.Void);
        campaign.When(new CampaignCommand.VoidCompletion(id)).Then(new CampaignEvent.CompletionUncounted(id, Counted: true, held))
            .ThenState(s => Assert.Equal((0, 0, 1_000), (s.Completions, s.Escrow.Held, s.Escrow.Remaining)));
        var (claimed, claim) = Claimed();
        claimed.After(Limits.ClaimTime).When(new CampaignCommand.VoidCompletion(claim)).Then(new CampaignEvent.CompletionUncounted(claim, Counted: false))
            .ThenState(s => Assert.Equal((0, 0), (s.Escrow.Held, s.Rewards.Claims)));
    }

    [Fact]
    public void A_claim_that_is_voided_before_it_comes_holds_nothing()
    {
        var campaign = Open();
        var claim = campaign.NextId();
        campaign.When(new CampaignCommand.VoidCompletion(claim)).When(Claim(claim)).ThenRejected(FundRejection.AlreadyDecided);
    }

    [Fact]
    public void A_campaign_without_a_reward_has_nothing_to_claim_and_one_that_is_not_open_neither()
    {
        var campaign = Funded();
        campaign.When(Claim(campaign.NextId())).ThenRejected(CampaignRejection.NoReward);
        var closed = Open().When(new CampaignCommand.Close());
        closed.When(Claim(closed.NextId())).ThenRejected(CampaignRejection.TaskNotOpen);
    }

    [Theory]
    [InlineData(RewardStanding.Final, 1, 300)]
    [InlineData(RewardStanding.Void, 0, 0)]
    [InlineData(RewardStanding.Withdrawn, 1, 0)]
    [InlineData(RewardStanding.Open, 1, 300)]
    public void Of_a_completion_that_nothing_is_heard_of_the_users_stream_is_asked_and_its_word_is_followed(RewardStanding standing, long completions, long held)
    {
        var campaign = Counted(out var id).After(Limits.InquiryAfter);
        Assert.Equal(campaign.Now, CampaignDecider.Due(campaign.State));
        campaign.When(new CampaignCommand.Tick()).Then().ThenSteps(new NodeCommand.InquireReward("c1", id));
        var step = campaign.Last.Steps[0];
        Assert.Equal(StreamId.User("u1"), Assert.IsType<StepTarget.Entity>(step.Target).Stream);
        Assert.Null(step.Then(new StepOutcome.Unreachable()));
        var told = step.Then(Answered(new RewardStood(id, standing)));
        Assert.Equal(standing is RewardStanding.Open, told is null);
        if (told is CampaignCommand command)
        {
            campaign.When(command);
        }

        campaign.ThenState(s => Assert.Equal((completions, held), (s.Completions, s.Escrow.Held)));
    }

    [Fact]
    public void A_claim_is_asked_about_a_minute_after_its_time()
    {
        var (campaign, claim) = Claimed();
        campaign.After(Limits.ClaimTime + Limits.InquiryAfter - TimeSpan.FromMicroseconds(1)).When(new CampaignCommand.Tick()).ThenSteps();
        campaign.After(TimeSpan.FromMicroseconds(1)).When(new CampaignCommand.Tick()).ThenSteps(new NodeCommand.InquireReward("c1", claim));
    }

    [Fact]
    public void A_withdrawn_consent_returns_what_is_not_paid_disputed_or_not()
    {
        Earned(out var id).When(new CampaignCommand.ReturnReward(id)).ThenEvents(typeof(CampaignEvent.RewardReturned)).ThenState(s => Assert.Equal((0, 1_000), (s.Escrow.Held, s.Escrow.Remaining)))
            .After(Delay).When(new CampaignCommand.Tick()).Then();
        Earned(out id).When(Dispute(id)).When(new CampaignCommand.ReturnReward(id)).ThenAnswered(new RewardFollowed(id)).ThenState(s => Assert.Equal(0, s.Rewards.DisputedMicros));
    }

    [Fact]
    public void A_disputed_reward_is_frozen_and_the_second_time_answers_as_the_first()
    {
        var campaign = Earned(out var id).When(Dispute(id)).ThenAnswered<RewardView>(v => Assert.Equal(("disputed", "Nonsense.", 300), (v.State, v.Reason, v.AmountMicros)));
        campaign.When(Dispute(id, "Again.")).Then().ThenAnswered<RewardView>(v => Assert.Equal("Nonsense.", v.Reason))
            .After(Delay * 2).When(new CampaignCommand.Tick()).Then()
            .ThenState(s => Assert.Equal(new RewardTotals(0, 0, 300), s.Rewards.Totals));
        Assert.Null(CampaignDecider.Due(campaign.State));
    }

    [Fact]
    public void A_released_reward_is_paid_at_once_and_a_returned_one_never()
    {
        var campaign = Earned(out var id).When(Dispute(id)).When(End(id, pays: true))
            .ThenEvents(typeof(CampaignEvent.RewardReleased), typeof(CampaignEvent.RewardPaid), typeof(CampaignEvent.TransferSent))
            .ThenAnswered<RewardView>(v => Assert.Equal("paid", v.State));
        var paid = (RewardView)campaign.Last.Answer!.Reply!;
        campaign.When(End(id, pays: true) with { Recorded = paid }).Then().ThenAnswered(paid)
            .When(End(id, pays: false) with { Recorded = paid }).ThenRejected(CampaignRejection.NotDisputed)
            .When(Dispute(id) with { Recorded = paid }).ThenRejected(CampaignRejection.DisputeTooLate);

        var back = Earned(out id).When(Dispute(id)).When(End(id, pays: false)).ThenEvents(typeof(CampaignEvent.RewardReturned)).ThenState(s => Assert.Equal(1_000, s.Escrow.Remaining));
        var returned = (RewardView)back.Last.Answer!.Reply!;
        back.When(End(id, pays: false) with { Recorded = returned }).Then().ThenAnswered(returned)
            .When(End(id, pays: true) with { Recorded = returned }).ThenRejected(CampaignRejection.NotDisputed);
    }

    [Fact]
    public void A_dispute_that_is_too_early_too_late_or_of_nothing_is_refused()
    {
        Counted(out var id).When(Dispute(id)).ThenRejected(CampaignRejection.RewardUndecided);
        Earned(out id).When(End(id, pays: true)).ThenRejected(CampaignRejection.NotDisputed);
        Earned(out id).After(Delay).When(Dispute(id)).ThenRejected(CampaignRejection.DisputeTooLate);
        var campaign = Open();
        campaign.When(Dispute(campaign.NextId())).ThenRejected(CampaignRejection.NoSuchReward);
        campaign.When(End(campaign.NextId(), pays: true)).ThenRejected(CampaignRejection.NoSuchReward);
        var (claimed, claim) = Claimed();
        claimed.When(Dispute(claim)).ThenRejected(CampaignRejection.NoSuchReward).When(End(claim, pays: true)).ThenRejected(CampaignRejection.NoSuchReward);
    }

    [Fact]
    public void A_close_keeps_what_is_held_and_each_reward_goes_its_way()
    {
        var campaign = Earned(out var paid);
        var (disputed, voided) = (campaign.NextId(), campaign.NextId());
        campaign.When(Count(disputed)).When(new CampaignCommand.ConfirmCompletion(disputed)).When(Dispute(disputed)).When(Claim(voided))
            .When(new CampaignCommand.Close()).ThenState(s => Assert.Equal((900, 0), (s.Escrow.Held, s.Escrow.Remaining)));
        campaign.When(new CampaignCommand.VoidCompletion(voided)).ThenState(s => Assert.Equal(300 + 100, s.Dues.To("sponsor:c1").InTransitMicros))
            .When(End(disputed, pays: false)).ThenState(s => Assert.Equal(600 + 100, s.Dues.To("sponsor:c1").InTransitMicros))
            .After(Delay).When(new CampaignCommand.Tick()).ThenState(s => Assert.Equal((300, 0), (s.Dues.To(Wallet).InTransitMicros, s.Escrow.Held)));
        Assert.Equal(300, campaign.State.Rewards.PaidMicros);
        Assert.DoesNotContain(paid, campaign.State.Rewards.Open.Keys);
    }

    [Fact]
    public void A_wallet_that_too_much_waits_for_is_paid_by_a_later_alarm()
    {
        var terms = Paying with { RewardMicros = 1, PayoutDelaySeconds = 0 };
        var campaign = Open(terms, 10_000);
        var first = campaign.NextId();
        campaign.When(Count(first)).When(new CampaignCommand.ConfirmCompletion(first));
        var arrived = Assert.IsAssignableFrom<CampaignCommand>(campaign.Last.Steps[0].Then(Answered(new Credited("default/campaign/c1", 1))));
        CampaignEvent[] crowd = [.. Enumerable.Range(0, Limits.TransferItemsWaiting).SelectMany(_ =>
        {
            var id = campaign.NextId();
            var view = new RewardView(id, "c1", "u1", "a1", 1, RewardStates.Paid, campaign.Now, null);
            return new CampaignEvent[] { new CampaignEvent.CompletionCounted(id, new(User, "a1", 1, 0)), new CampaignEvent.RewardScheduled(id, campaign.Now), new CampaignEvent.RewardPaid(view) };
        })];
        var late = campaign.NextId();
        campaign.Given(crowd).When(Count(late)).When(new CampaignCommand.ConfirmCompletion(late)).ThenEvents(typeof(CampaignEvent.RewardScheduled))
            .When(new CampaignCommand.Tick()).Then()
            .When(arrived).When(new CampaignCommand.Tick()).ThenEvents(typeof(CampaignEvent.RewardPaid));
    }

    [Fact]
    public void More_rewards_than_are_paid_at_once_follow_at_once()
    {
        var campaign = Open(Paying with { RewardMicros = 1 }, 10_000);
        CampaignEvent[] many = [.. Enumerable.Range(0, Limits.RewardsAtOnce + 1).SelectMany(n =>
        {
            var id = campaign.NextId();
            return new CampaignEvent[] { new CampaignEvent.CompletionCounted(id, new(User, $"a{n % 7}", 1, 3_600)), new CampaignEvent.RewardScheduled(id, campaign.Now + Delay) };
        })];
        campaign.Given(many).After(Delay).When(new CampaignCommand.Tick()).ThenState(s => Assert.Equal(Limits.RewardsAtOnce, s.Rewards.PaidMicros));
        var again = campaign.Last.Steps[^1];
        Assert.IsType<StepTarget.Self>(again.Target);
        campaign.When((CampaignCommand)again.Then(new StepOutcome.Unreachable())!).ThenState(s => Assert.Equal(Limits.RewardsAtOnce + 1, s.Rewards.PaidMicros));
        Assert.DoesNotContain(campaign.Last.Steps, s => s.Target is StepTarget.Self);
    }

    [Fact]
    public void A_service_of_the_sponsors_own_is_not_paid_unless_the_campaign_allows_it()
    {
        var campaign = Open();
        campaign.When(Reserve(campaign.NextId()).With<ReserveTerms.OfCampaign>(t => t with { ServiceOwner = "acme" })).ThenRejected(CampaignRejection.RelatedService);
        campaign.When(Reserve(campaign.NextId()).With<ReserveTerms.OfCampaign>(t => t with { ServiceOwner = "other" })).ThenAnswered<FundReserved>(_ => { });
        var allowing = Open(Paying with { AllowRelated = true });
        allowing.When(Reserve(allowing.NextId()).With<ReserveTerms.OfCampaign>(t => t with { ServiceOwner = "acme" })).ThenAnswered<FundReserved>(_ => { });
    }

    [Fact]
    public void Rewards_have_a_row_each_that_says_how_they_stand()
    {
        var campaign = Counted(out var id);
        Assert.Equal(["c1", "u1", "a1", 300L, "pending", null, null], Row(campaign));
        campaign.When(new CampaignCommand.ConfirmCompletion(id));
        Assert.Equal(["c1", "u1", "a1", 300L, "pending", (campaign.Now + Delay).ToMicros(), null], Row(campaign));
        campaign.When(Dispute(id));
        Assert.Equal(["c1", "u1", "a1", 300L, "disputed", (campaign.Now + Delay).ToMicros(), "Nonsense."], Row(campaign));
        campaign.After(Delay * 2).When(End(id, pays: true));
        Assert.Equal(["c1", "u1", "a1", 300L, "paid", campaign.Now.ToMicros(), "Settled."], Row(campaign));

        static IEnumerable<object?> Row(Campaign campaign) => campaign.Last.Events
            .SelectMany(e => CampaignEntity.Entity.Rows(Before(campaign, e), e, campaign.Now)).Last(r => r.Table == CampaignTables.Rewards).Values.Skip(2).SkipLast(1);

        // A row is made from the state after its own event; what follows a payment changes nothing of it.
        static CampaignState Before(Campaign campaign, CampaignEvent happened) =>
            happened is CampaignEvent.RewardReleased released ? campaign.State with { Rewards = campaign.State.Rewards.With(Due(released.View)) } : campaign.State;

        static Reward Due(RewardView view) => new(view.CompletionId, RewardStage.Due, User, view.AgentId, view.AmountMicros, 0, view.PaysAt!.Value, view.Reason);
    }

    private static Campaign Open(CampaignDefinition? definition = null, long funded = 1_000) => Funded(funded, definition ?? Paying);

    private static Campaign Counted(out Guid id, CampaignDefinition? definition = null, long funded = 1_000)
    {
        var campaign = Open(definition, funded);
        id = campaign.NextId();
        return campaign.When(Count(id));
    }

    private static Campaign Earned(out Guid id) => Counted(out id).When(new CampaignCommand.ConfirmCompletion(id));

    private static (Campaign Campaign, Guid Claim) Claimed(CampaignDefinition? definition = null, long funded = 1_000)
    {
        var campaign = Open(definition, funded);
        var id = campaign.NextId();
        return (campaign.When(Claim(id)), id);
    }

    private static CampaignCommand.CountCompletion Count(Guid id) => new(id, User, "a1", "");

    private static CampaignCommand.ClaimReward Claim(Guid id) => new(id, User, "a1", "");

    private static CampaignCommand.DisputeReward Dispute(Guid id, string reason = "Nonsense.") => new(id, reason, null);

    private static CampaignCommand.EndDispute End(Guid id, bool pays) => new(id, pays, "Settled.", null);
}
