using Agora.Core.Campaigns;
using Agora.Core.Kernel;
using Agora.Core.Nodes;
using static Agora.Core.Tests.Campaigns.Sample;
using Campaign = Agora.Core.Tests.Kernel.Scenario<Agora.Core.Campaigns.CampaignState, Agora.Core.Campaigns.CampaignCommand, Agora.Core.Campaigns.CampaignEvent>;

namespace Agora.Core.Tests.Campaigns;

/// <summary>How holds end, and how what was earned reaches its wallet.</summary>
public sealed class CampaignHoldTests
{
    private const string Source = "default/campaign/c1";
    private const string Memo = "runs paid by campaign c1";

    [Fact]
    public void Posted_hold_is_sent_to_the_provider_and_the_rest_of_it_is_free_again() => Funded(1_000)
        .Held(out var hold, 60)
        .When(new NodeCommand.Post(hold, 45))
        .Then(new CampaignEvent.HoldPosted(hold, 45), new CampaignEvent.TransferSent(Provider, 1, 45, Memo))
        .ThenAnswered(new HoldEnded(hold, HoldStanding.Posted))
        .ThenSteps(new NodeCommand.Credit(Source, new(1, 45, Memo, SentAt: Sent)))
        .ThenState(s => Assert.Equal((0L, 45L, 955L), (s.Escrow.Held, s.Escrow.Posted, s.Escrow.Remaining)));

    [Fact]
    public void Hold_that_is_posted_for_nothing_sends_nothing() => Funded()
        .Held(out var hold)
        .When(new NodeCommand.Post(hold, 0)).Then(new CampaignEvent.HoldPosted(hold, 0)).ThenSteps();

    [Fact]
    public void Voided_hold_is_free_again() => Funded(1_000)
        .Held(out var hold, 60)
        .When(new NodeCommand.Void(hold)).Then(new CampaignEvent.HoldVoided(hold)).ThenAnswered(new HoldEnded(hold, HoldStanding.Voided))
        .ThenState(s => Assert.Equal(1_000, s.Escrow.Remaining));

    [Fact]
    public void Post_and_void_of_a_posted_hold_answer_that_it_is_posted() => Funded()
        .Held(out var hold)
        .When(new NodeCommand.Post(hold, 60))
        .When(new NodeCommand.Post(hold, 60)).Then().ThenAnswered(new HoldEnded(hold, HoldStanding.Posted))
        .When(new NodeCommand.Void(hold)).Then().ThenAnswered(new HoldEnded(hold, HoldStanding.Posted));

    [Fact]
    public void Post_and_void_of_a_hold_too_old_to_be_remembered_answer_that_it_is_forgotten()
    {
        var campaign = Funded();
        var hold = campaign.NextId();
        campaign.After(TimeSpan.FromSeconds(121))
            .When(new NodeCommand.Post(hold, 60)).Then().ThenAnswered(new HoldEnded(hold, HoldStanding.Forgotten))
            .When(new NodeCommand.Void(hold)).Then().ThenAnswered(new HoldEnded(hold, HoldStanding.Forgotten));
    }

    [Fact]
    public void Open_hold_is_never_forgotten() => Funded()
        .Held(out var hold)
        .After(TimeSpan.FromDays(30))
        .When(new NodeCommand.Post(hold, 60)).ThenAnswered(new HoldEnded(hold, HoldStanding.Posted));

    [Fact]
    public void Post_of_a_voided_hold_breaks_an_invariant() => Breaks("post_of_voided", Funded().Held(out var hold).When(new NodeCommand.Void(hold)), hold);

    [Theory]
    [InlineData(0)]
    [InlineData(61)]
    public void Post_of_a_hold_that_never_came_breaks_an_invariant(int seconds)
    {
        var campaign = Funded();
        Breaks("post_of_unknown_hold", campaign.After(TimeSpan.FromSeconds(seconds)), Ids.Derive(Campaign.Start, Guid.Empty, 0));
    }

    [Fact]
    public void Post_of_more_than_was_held_breaks_an_invariant() => Breaks("post_within_hold", Funded().Held(out var hold, 59), hold);

    [Fact]
    public void What_is_earned_while_a_transfer_is_under_way_waits_and_goes_with_the_next()
    {
        var campaign = Funded(1_000)
            .Held(out var first, 10).Held(out var second, 20).Held(out var third, 30)
            .When(new NodeCommand.Post(first, 10))
            .When(new NodeCommand.Post(second, 20)).Then(new CampaignEvent.HoldPosted(second, 20)).ThenSteps()
            .When(new NodeCommand.Post(third, 30)).ThenSteps();
        campaign.After(Limits.PayoutEvery).When(Arrived(campaign))
            .Then(new CampaignEvent.TransferArrived(Provider, 1), new CampaignEvent.TransferSent(Provider, 2, 50, Memo))
            .ThenSteps(new NodeCommand.Credit(Source, new(2, 50, Memo, SentAt: Sent + Limits.PayoutEvery)));
        Assert.Equal(Riding.No, campaign.Last.Riding);
    }

    [Fact]
    public void Who_was_paid_lately_is_paid_the_rest_when_it_is_time_and_by_one_step()
    {
        var campaign = Funded(1_000)
            .Held(out var first, 10).Held(out var second, 20).Held(out var third, 30)
            .When(new NodeCommand.Post(first, 10))
            .When(new NodeCommand.Post(second, 20));
        campaign.After(TimeSpan.FromSeconds(1)).When(Arrived(campaign)).Then(new CampaignEvent.TransferArrived(Provider, 1));
        Assert.Equal(Riding.UntilAlarm, campaign.Last.Riding);
        var later = Assert.Single(campaign.Last.Steps);
        Assert.Equal((new StepTarget.Later(Limits.PayoutEvery - TimeSpan.FromSeconds(1)), true), (later.Target, later.IsSole));
        campaign.When(new NodeCommand.Post(third, 30)).Then(new CampaignEvent.HoldPosted(third, 30)).ThenSteps()
            .When((CampaignCommand)later.Then(new StepOutcome.Unreachable())!)
            .Then(new CampaignEvent.TransferSent(Provider, 2, 50, Memo))
            .ThenSteps(new NodeCommand.Credit(Source, new(2, 50, Memo, SentAt: campaign.Now)))
            .When((CampaignCommand)later.Then(new StepOutcome.Unreachable())!).Then().ThenSteps();
    }

    [Fact]
    public void Of_two_who_were_paid_lately_each_has_a_step_that_waits()
    {
        var campaign = Funded(1_000);
        foreach (var provider in new[] { Provider, "provider-2" })
        {
            campaign.Held(out var hold, 10, provider: provider).When(new NodeCommand.Post(hold, 10));
            campaign.When(Arrived(campaign));
        }

        var waiting = new[] { Provider, "provider-2" }.Select(provider =>
        {
            campaign.Held(out var hold, 20, provider: provider).When(new NodeCommand.Post(hold, 20));
            return Assert.Single(campaign.Last.Steps);
        }).ToList();

        Assert.All(waiting, step => Assert.True(step.IsSole));
        Assert.Distinct(waiting.Select(step => step.Key)); // one of a key waits at a time, and the other would not be paid
    }

    [Fact]
    public void What_is_earned_soon_after_a_transfer_has_arrived_waits_for_its_time()
    {
        var campaign = Funded().Held(out var first).Held(out var second).When(new NodeCommand.Post(first, 60));
        campaign.When(Arrived(campaign)).When(new NodeCommand.Post(second, 60)).Then(new CampaignEvent.HoldPosted(second, 60));
        Assert.Equal(new StepTarget.Later(Limits.PayoutEvery), Assert.Single(campaign.Last.Steps).Target);
        Assert.True(CampaignDecider.IsUnfinished(campaign.State));

        // A process that begins, or an alarm, does not wait.
        var resumed = Assert.Single(CampaignDecider.Unfinished(campaign.State, campaign.Now));
        Assert.Equal(new StepTarget.Later(TimeSpan.Zero), resumed.Target);
        campaign.When((CampaignCommand)resumed.Then(new StepOutcome.Unreachable())!).Then(new CampaignEvent.TransferSent(Provider, 2, 60, Memo));
    }

    [Fact]
    public void What_somebody_waits_for_is_sent_at_once()
    {
        var campaign = Funded().Held(out var first).Held(out var second).When(new NodeCommand.Post(first, 60));
        campaign.When(Arrived(campaign)).When(new NodeCommand.Post(second, 60)).Then(new CampaignEvent.HoldPosted(second, 60));

        campaign.When(new NodeCommand.PayNow(Provider)).Then(new CampaignEvent.TransferSent(Provider, 2, 60, Memo)).ThenAnswered(Nothing.Value)
            .ThenSteps(new NodeCommand.Credit(Source, new(2, 60, Memo, SentAt: Sent)));
        Assert.Equal(Riding.No, campaign.Last.Riding);
        campaign.When(new NodeCommand.PayNow(Provider)).Then().ThenSteps(); // all of it is under way
    }

    [Fact]
    public void What_somebody_waits_for_beside_a_transfer_that_is_under_way_follows_as_soon_as_that_has_arrived()
    {
        var campaign = Funded().Held(out var first).Held(out var second).When(new NodeCommand.Post(first, 60)).When(new NodeCommand.Post(second, 60));

        campaign.When(new NodeCommand.PayNow(Provider)).Then().ThenSteps().When(Arrived(campaign)).ThenEvents(typeof(CampaignEvent.TransferArrived), typeof(CampaignEvent.TransferSent));

        campaign.Held(out var third).When(new NodeCommand.Post(third, 60)).When(Arrived(campaign)).ThenEvents(typeof(CampaignEvent.TransferArrived)); // and what comes after it waits again
    }

    [Fact]
    public void Who_is_owed_nothing_is_sent_nothing() => Funded().When(new NodeCommand.PayNow(Provider)).Then().ThenAnswered(Nothing.Value).ThenSteps();

    [Fact]
    public void What_a_closed_campaign_has_left_follows_what_it_has_returned_lately_at_once()
    {
        var campaign = Funded(1_000).Held(out var hold, 60).When(new CampaignCommand.Close());
        campaign.When(Arrived(campaign)).When(new NodeCommand.Void(hold)).ThenEvents(typeof(CampaignEvent.HoldVoided), typeof(CampaignEvent.TransferSent));
    }

    [Fact]
    public void What_a_closed_campaign_has_left_is_returned_at_once_while_a_transfer_to_the_provider_is_under_way()
    {
        var campaign = Funded(1_000).Held(out var first, 60).Held(out var second, 60).When(new NodeCommand.Post(first, 60)).When(new CampaignCommand.Close());
        campaign.WhenStep(0, Answered(new Credited(Source, 1))).When(new NodeCommand.Post(second, 45))
            .ThenSteps(new NodeCommand.Credit(Source, new(2, 15, "left of campaign c1", SentAt: Sent)))
            .ThenState(s => Assert.Equal(45, s.Dues.To(Provider).OwedMicros));
    }

    /// <summary>Its time passes at once.</summary>
    [Fact]
    public void In_a_tenant_for_tests_who_was_paid_lately_is_paid_again_at_once()
    {
        var campaign = Funded(stream: new("default_t1", CampaignEntity.Kind, "c1")).Held(out var first).Held(out var second).When(new NodeCommand.Post(first, 60));
        campaign.When(Arrived(campaign)).When(new NodeCommand.Post(second, 60)).Then(new CampaignEvent.HoldPosted(second, 60), new CampaignEvent.TransferSent(Provider, 2, 60, Memo));
    }

    [Fact]
    public void Last_arrival_only_closes_something_and_so_rides()
    {
        var campaign = Funded().Held(out var hold).When(new NodeCommand.Post(hold, 60));
        campaign.When(Arrived(campaign)).Then(new CampaignEvent.TransferArrived(Provider, 1)).ThenSteps();
        Assert.Equal(Riding.UntilAlarm, campaign.Last.Riding);
    }

    [Fact]
    public void Arrival_of_an_earlier_transfer_changes_nothing()
    {
        var campaign = Funded().Held(out var first).Held(out var second).When(new NodeCommand.Post(first, 60));
        var arrived = Arrived(campaign);
        campaign.When(arrived).After(Limits.PayoutEvery).When(new NodeCommand.Post(second, 60)).ThenSteps(new NodeCommand.Credit(Source, new(2, 60, Memo, SentAt: Sent + Limits.PayoutEvery)))
            .When(arrived).Then()
            .ThenState(s => Assert.Equal(2, s.Dues.To(Provider).InFlight?.Number));
    }

    [Fact]
    public void Transfer_under_way_is_unfinished_until_it_has_arrived()
    {
        var campaign = Funded().Held(out var hold).When(new NodeCommand.Post(hold, 60));
        var resent = Assert.IsType<StepTarget.Entity>(Assert.Single(CampaignDecider.Unfinished(campaign.State, campaign.Now)).Target);
        Assert.Equal((StreamId.Wallet(Provider), new NodeCommand.Credit(Source, new(1, 60, Memo, SentAt: Sent))), (resent.Stream, resent.Command));
        campaign.When(Arrived(campaign)).ThenState(s => Assert.False(CampaignDecider.IsUnfinished(s)));
    }

    [Fact]
    public void Transfer_without_an_answer_of_the_wallet_stays_under_way()
    {
        var campaign = Funded().Held(out var hold).When(new NodeCommand.Post(hold, 60));
        Assert.Null(campaign.Last.Steps[0].Then(new StepOutcome.Unreachable()));
        Assert.Null(campaign.Last.Steps[0].Then(new StepOutcome.Answered(Answer.No(CampaignRejection.NotFound))));
    }

    [Fact]
    public void Wallets_are_paid_each_for_itself() => Funded()
        .Held(out var first, 10, provider: "p1").Held(out var second, 20, provider: "p2")
        .When(new NodeCommand.Post(first, 10))
        .When(new NodeCommand.Post(second, 20)).ThenSteps(new NodeCommand.Credit(Source, new(1, 20, Memo, SentAt: Sent)));

    [Fact]
    public void Overdue_hold_is_asked_about_where_it_is_decided_and_nowhere_else()
    {
        var campaign = Funded().Held(out var hold);
        Assert.Equal(Campaign.Start + Limits.InquiryAfter, CampaignDecider.Due(campaign.State));
        campaign.After(TimeSpan.FromSeconds(59)).When(new CampaignCommand.Tick()).Then().ThenSteps()
            .After(TimeSpan.FromSeconds(1)).When(new CampaignCommand.Tick()).Then().ThenSteps(new NodeCommand.Inquire(RunId, hold));
        Assert.Equal(StreamId.Session("s1"), Assert.IsType<StepTarget.Entity>(campaign.Last.Steps[0].Target).Stream);
    }

    [Fact]
    public void Overdue_hold_follows_its_session() => Funded()
        .Held(out var posted, 60)
        .After(TimeSpan.FromSeconds(1)).Held(out var voided, 60)
        .After(Limits.InquiryAfter).When(new CampaignCommand.Tick())
        .WhenStep(0, Answered(new Inquired(RunId, posted, Open: false, Posted: true, 45)))
        .Then(new CampaignEvent.HoldPosted(posted, 45), new CampaignEvent.TransferSent(Provider, 1, 45, Memo))
        .When(new CampaignCommand.Tick())
        .WhenStep(0, Answered(new Inquired(RunId, voided, Open: false, Posted: false, 0)))
        .Then(new CampaignEvent.HoldVoided(voided))
        .ThenState(s => Assert.Null(CampaignDecider.Due(s)));

    [Fact]
    public void Overdue_hold_whose_session_says_how_long_it_stays_open_is_asked_about_then() => Funded().Held(out var hold)
        .After(Limits.InquiryAfter).When(new CampaignCommand.Tick())
        .WhenStep(0, Answered(new Inquired(RunId, hold, Open: true, Posted: false, 0, 300))).Then()
        .After(TimeSpan.FromSeconds(299)).When(new CampaignCommand.Tick()).Then().ThenSteps()
        .After(TimeSpan.FromSeconds(1)).When(new CampaignCommand.Tick()).Then().ThenSteps(new NodeCommand.Inquire(RunId, hold));

    [Fact]
    public void Overdue_hold_whose_run_is_open_or_whose_session_is_silent_stays()
    {
        var campaign = Funded().Held(out var hold).After(Limits.InquiryAfter).When(new CampaignCommand.Tick());
        Assert.Null(campaign.Last.Steps[0].Then(Answered(new Inquired(RunId, hold, Open: true, Posted: false, 0))));
        Assert.Null(campaign.Last.Steps[0].Then(new StepOutcome.Unreachable()));
        Assert.Null(campaign.Last.Steps[0].Then(new StepOutcome.Answered(Answer.No(CampaignRejection.NotFound))));
    }

    /// <summary>What the wallet's answer to the one transfer under way becomes.</summary>
    private static CampaignCommand Arrived(Campaign campaign) => Assert.IsAssignableFrom<CampaignCommand>(
        Assert.Single(CampaignDecider.Unfinished(campaign.State, campaign.Now)).Then(Answered(new Credited(Source, 1))));

    private static void Breaks(string invariant, Campaign campaign, Guid hold)
    {
        var saved = Convert.ToHexString(CampaignEntity.Entity.Snapshots.Save(campaign.State));
        Assert.Equal(invariant, Assert.Throws<InvariantViolationException>(() => campaign.When(new NodeCommand.Post(hold, 60))).Name);
        Assert.Equal(saved, Convert.ToHexString(CampaignEntity.Entity.Snapshots.Save(campaign.State)));
    }
}
