using Agora.Core.Campaigns;
using Agora.Core.Kernel;
using Agora.Core.Nodes;
using static Agora.Core.Tests.Campaigns.Sample;
using Campaign = Agora.Core.Tests.Kernel.Scenario<Agora.Core.Campaigns.CampaignState, Agora.Core.Campaigns.CampaignCommand, Agora.Core.Campaigns.CampaignEvent>;

namespace Agora.Core.Tests.Campaigns;

/// <summary>What operators do with a campaign.</summary>
public sealed class CampaignTests
{
    [Fact]
    public void Put_campaign_is_answered_with_its_view_and_an_empty_escrow() => NewCampaign()
        .When(new CampaignCommand.PutCampaign(Definition))
        .Then(new CampaignEvent.DefinitionPut(View(0)))
        .ThenAnswered(View(0))
        .When(new CampaignCommand.Get()).Then().ThenAnswered(View(0));

    [Fact]
    public void Same_definition_again_changes_nothing_and_another_replaces_it() => Funded()
        .When(new CampaignCommand.PutCampaign(Definition with { Services = [new("summary", 100), new("keywords", null)] })).Then()
        .When(new CampaignCommand.PutCampaign(Definition with { Active = false })).ThenEvents(typeof(CampaignEvent.DefinitionPut))
        .ThenAnswered<CampaignView>(v => Assert.Equal((false, 1_000L), (v.Definition.Active, v.Escrow.FundedMicros)));

    [Fact]
    public void Fund_adds_to_the_escrow() => NewCampaign()
        .When(new CampaignCommand.PutCampaign(Definition))
        .When(new CampaignCommand.Fund(700)).Then(new CampaignEvent.Funded(700, View(700)))
        .When(new CampaignCommand.Fund(300)).ThenAnswered(View(1_000));

    [Fact]
    public void Close_returns_what_is_not_held_to_the_sponsors_wallet() => Funded(1_000)
        .Held(out _, 60)
        .When(new CampaignCommand.Close())
        .ThenEvents(typeof(CampaignEvent.Closed), typeof(CampaignEvent.TransferSent))
        .ThenAnswered<CampaignView>(v => Assert.Equal((true, new Escrow(60, 60, 0, 0)), (v.Closed, v.Escrow)))
        .ThenSteps(new NodeCommand.Credit("default/campaign/c1", new(1, 940, "left of campaign c1", SentAt: Sent)));

    [Fact]
    public void Hold_that_is_voided_after_the_close_follows_to_the_sponsor() => Funded(1_000)
        .Held(out var hold, 60)
        .When(new CampaignCommand.Close())
        .WhenStep(0, Answered(new Credited("default/campaign/c1", 1)))
        .When(new NodeCommand.Void(hold))
        .ThenSteps(new NodeCommand.Credit("default/campaign/c1", new(2, 60, "left of campaign c1", SentAt: Sent)));

    [Fact]
    public void Hold_that_is_posted_in_part_after_the_close_pays_the_provider_and_returns_the_rest() => Funded(1_000)
        .Held(out var hold, 60)
        .When(new CampaignCommand.Close())
        .WhenStep(0, Answered(new Credited("default/campaign/c1", 1)))
        .When(new NodeCommand.Post(hold, 45))
        .ThenSteps(
            new NodeCommand.Credit("default/campaign/c1", new(1, 45, "runs paid by campaign c1", SentAt: Sent)),
            new NodeCommand.Credit("default/campaign/c1", new(2, 15, "left of campaign c1", SentAt: Sent)))
        .ThenState(s => Assert.Equal((0L, 45L), (s.Escrow.Remaining, s.Escrow.Posted)));

    [Fact]
    public void Second_close_changes_nothing() => Funded()
        .When(new CampaignCommand.Close())
        .After(TimeSpan.FromHours(1))
        .When(new CampaignCommand.Close()).Then().ThenAnswered<CampaignView>(v => Assert.Equal(Campaign.Start, v.UpdatedAt));

    [Fact]
    public void Close_of_an_empty_campaign_sends_nothing() => NewCampaign()
        .When(new CampaignCommand.PutCampaign(Definition))
        .When(new CampaignCommand.Close()).ThenEvents(typeof(CampaignEvent.Closed)).ThenSteps();

    public static TheoryData<CampaignCommand, Rejection> RefusalsOfUnknown => new()
    {
        { new CampaignCommand.Get(), CampaignRejection.NotFound },
        { new CampaignCommand.Fund(1), CampaignRejection.NotFound },
        { new CampaignCommand.Close(), CampaignRejection.NotFound },
        { new CampaignCommand.PutCampaign(Definition with { MaxMicrosPerUser = -1 }), CampaignRejection.LimitOutOfRange("/max_cents_per_user") },
        { new CampaignCommand.PutCampaign(Definition with { DailyCapMicros = Limits.MaxMicros + 1 }), CampaignRejection.LimitOutOfRange("/daily_cap_cents") },
        { new CampaignCommand.PutCampaign(Definition with { Services = [new("summary", 1), new("keywords", -1)] }), CampaignRejection.LimitOutOfRange("/services/1/max_price_cents") },
    };

    [Theory]
    [MemberData(nameof(RefusalsOfUnknown))]
    public void Command_that_a_campaign_nobody_put_cannot_follow_is_rejected(CampaignCommand command, Rejection rejection) =>
        NewCampaign().When(command).ThenRejected(rejection);

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(Limits.MaxMicros)]
    [InlineData(long.MaxValue)]
    public void Amount_that_no_escrow_can_hold_is_rejected_validation_failed(long micros) =>
        Funded(1).When(new CampaignCommand.Fund(micros)).ThenRejected(CampaignRejection.AmountOutOfRange);

    [Fact]
    public void Escrow_takes_as_much_as_any_sum_may_be() => Funded(1)
        .When(new CampaignCommand.Fund(Limits.MaxMicros - 1)).ThenAnswered<CampaignView>(v => Assert.Equal(Limits.MaxMicros, v.Escrow.RemainingMicros));

    [Fact]
    public void Closed_campaign_can_be_neither_changed_nor_funded() => Funded()
        .When(new CampaignCommand.Close())
        .When(new CampaignCommand.PutCampaign(Definition)).ThenRejected(CampaignRejection.Changed)
        .When(new CampaignCommand.Fund(1)).ThenRejected(CampaignRejection.Changed);

    [Fact]
    public void Operators_acts_write_the_row_and_runs_of_a_campaign_that_has_money_left_do_not()
    {
        var campaign = Funded(1_000, Definition with { StartsAt = Campaign.Start });
        var row = Assert.Single(CampaignEntity.Entity.Rows(campaign.State, campaign.Last.Events[0], campaign.Now), r => r.Table == CampaignTables.Campaigns);
        Assert.Equal(["default", "c1", "Acme", "Survey", "survey", 1L, 0L, Campaign.Start.ToMicros(), null], row.Values.Take(9));
        Assert.Equal([1_000L, 0L, 0L, 1_000L, 0L, Campaign.Start.ToMicros(), null], row.Values.Skip(10));

        campaign.Held(out var hold).When(new NodeCommand.Post(hold, 60));
        Assert.All(campaign.Last.Events, e => Assert.DoesNotContain(CampaignEntity.Entity.Rows(campaign.State, e, campaign.Now), r => r.Table == CampaignTables.Campaigns));
    }

    private static CampaignView View(long funded) => new("c1", Definition, new(funded, 0, 0, funded), 0, Closed: false, Campaign.Start);
}
