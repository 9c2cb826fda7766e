using Agora.Core.Campaigns;
using Agora.Core.Kernel;
using Agora.Core.Nodes;
using static Agora.Core.Tests.Campaigns.Sample;

namespace Agora.Core.Tests.Campaigns;

/// <summary>What refunds bring back.</summary>
public sealed class CampaignCreditTests
{
    private const string Source = "default/wallet/provider-1";

    [Fact]
    public void What_comes_back_can_pay_for_runs_again()
    {
        var campaign = Funded(100).Held(out var hold, 60).When(new NodeCommand.Post(hold, 60)).When(new NodeCommand.Credit(Source, new(1, 60, "", SentAt: Sent)));

        campaign.Then(new CampaignEvent.Credited(Source, 1, 60)).ThenAnswered(new Credited(Source, 1));

        campaign.ThenState(s => Assert.Equal((new Escrow(160, 0, 60, 100), 60L), (s.View(s.Definition!).Escrow, s.Book.ReceivedMicros)));
        campaign.Held(out _, 100);
    }

    [Fact]
    public void The_same_number_again_is_answered_again_and_adds_nothing_and_each_source_counts_for_itself()
    {
        var campaign = Funded(100).When(new NodeCommand.Credit(Source, new(1, 60, "", SentAt: Sent))).When(new NodeCommand.Credit(Source, new(1, 60, "", SentAt: Sent))).Then().ThenAnswered(new Credited(Source, 1));

        campaign.When(new NodeCommand.Credit("default/wallet/fee", new(1, 5, "", SentAt: Sent))).When(new NodeCommand.Credit(Source, new(2, 1, "", SentAt: Sent))).ThenAnswered(new Credited(Source, 2));
        campaign.ThenState(s => Assert.Equal(166, s.Escrow.Remaining));
    }

    [Fact]
    public void A_gap_breaks_an_invariant()
    {
        var campaign = Funded(100).When(new NodeCommand.Credit(Source, new(1, 60, "", SentAt: Sent)));
        Assert.Equal("transfer_gap", Assert.Throws<InvariantViolationException>(() => campaign.When(new NodeCommand.Credit(Source, new(3, 1, "", SentAt: Sent)))).Name);
    }

    [Fact]
    public void What_comes_back_to_a_closed_campaign_passes_on_to_its_sponsors_wallet()
    {
        var campaign = Funded(60).Held(out var hold, 60).When(new NodeCommand.Post(hold, 60)).When(new CampaignCommand.Close());

        campaign.When(new NodeCommand.Credit(Source, new(1, 60, "", SentAt: Sent))).ThenEvents(typeof(CampaignEvent.Credited), typeof(CampaignEvent.TransferSent));

        campaign.ThenSteps(new NodeCommand.Credit("default/campaign/c1", new(1, 60, "left of campaign c1", SentAt: Sent)));
        campaign.ThenState(s => Assert.Equal(0, s.Escrow.Remaining));
    }
}
