using Agora.Core.Campaigns;
using Agora.Core.Kernel;
using Agora.Core.Nodes;
using static Agora.Core.Tests.Campaigns.Sample;
using Campaign = Agora.Core.Tests.Kernel.Scenario<Agora.Core.Campaigns.CampaignState, Agora.Core.Campaigns.CampaignCommand, Agora.Core.Campaigns.CampaignEvent>;

namespace Agora.Core.Tests.Campaigns;

/// <summary>Passing into exhaustion, or out of it, writes the campaign's row; no other run does.</summary>
public sealed class CampaignExhaustionTests
{
    [Fact]
    public void Hold_that_leaves_too_little_for_another_writes_the_row_and_the_one_before_does_not()
    {
        var campaign = Funded(150).Held(out _, 60);
        Assert.Null(Short(campaign));

        campaign.After(TimeSpan.FromMinutes(1)).Held(out _, 60);

        Assert.Equal(60L, Short(campaign));
        Assert.Equal(campaign.Now.ToMicros(), CampaignRow(campaign)!.Values[15]);
        Assert.Equal(campaign.Now, campaign.State.View(campaign.State.Definition!).UpdatedAt);
    }

    [Fact]
    public void Post_of_what_exhausted_it_changes_nothing_and_void_brings_it_back()
    {
        var campaign = Funded(120).Held(out var posted, 60).Held(out var voided, 60);
        Assert.Equal(60L, Short(campaign));

        campaign.When(new NodeCommand.Post(posted, 60));
        Assert.Null(CampaignRow(campaign));
        campaign.When(new NodeCommand.Void(voided));

        Assert.NotNull(CampaignRow(campaign));
        Assert.Null(Short(campaign));
    }

    [Fact]
    public void Money_that_is_added_or_comes_back_brings_it_back()
    {
        var added = Funded(60).Held(out _, 60).When(new CampaignCommand.Fund(60));
        Assert.Null(added.State.View(added.State.Definition!).ShortMicros);
        Assert.Null(Short(added));

        var refunded = Funded(60).Held(out var hold, 60).When(new NodeCommand.Post(hold, 60)).When(new NodeCommand.Credit("default/refund/r1", new(1, 60, "", SentAt: Sent)));
        Assert.NotNull(CampaignRow(refunded));
        Assert.Null(Short(refunded));
    }

    [Fact]
    public void The_least_amount_that_is_short_is_kept()
    {
        var campaign = Funded(150).Held(out _, 80).Held(out _, 40);
        Assert.Equal(40L, Short(campaign));

        campaign.When(Reserve(campaign.NextId(), 30)).ThenState(s => Assert.Equal(30L, s.ShortMicros));
    }

    [Fact]
    public void Last_completion_writes_the_row_and_so_does_one_that_is_taken_back()
    {
        var campaign = Funded(1_000, Definition with { MaxCompletions = 2 }).When(new CampaignCommand.CountCompletion(Guid.CreateVersion7(Campaign.Start)));
        Assert.Null(CampaignRow(campaign));
        var last = Guid.CreateVersion7(Campaign.Start);

        campaign.When(new CampaignCommand.CountCompletion(last));
        Assert.Equal(2L, CampaignRow(campaign)!.Values[14]);
        campaign.When(new CampaignCommand.VoidCompletion(last));
        Assert.Equal(1L, CampaignRow(campaign)!.Values[14]);
    }

    private static long? Short(Campaign campaign) => CampaignRow(campaign) is { } row ? (long?)row.Values[16] : campaign.State.ShortMicros;

    private static Row? CampaignRow(Campaign campaign) =>
        CampaignEntity.Entity.Rows(campaign.State, campaign.Last.Events[^1], campaign.Now).SingleOrDefault(r => r.Table.Name == CampaignTables.Campaigns.Name);
}
