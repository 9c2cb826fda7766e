using Agora.Core.Campaigns;
using Agora.Core.Funds;
using Agora.Core.Kernel;
using Agora.Core.Nodes;
using static Agora.Core.Tests.Campaigns.Sample;

namespace Agora.Core.Tests.Campaigns;

/// <summary>A campaign as a fund: its fee, and the row of its books.</summary>
public sealed class CampaignBookTests
{
    private const string Source = "default/campaign/c1";

    [Fact]
    public void Fee_of_a_run_is_rounded_down_and_goes_to_its_wallet() => Funded().Held(out var hold, 59, fee: 250)
        .When(new NodeCommand.Post(hold, 59))
        .ThenSteps(
            new NodeCommand.Credit(Source, new(1, 58, "runs paid by campaign c1", SentAt: Sent)),
            new NodeCommand.Credit(Source, new(1, 1, "fee of runs paid by campaign c1", SentAt: Sent)));

    [Fact]
    public void Whole_price_may_be_the_fee() => Funded().Held(out var hold, 60, fee: 10_000)
        .When(new NodeCommand.Post(hold, 60)).ThenSteps(new NodeCommand.Credit(Source, new(1, 60, "fee of runs paid by campaign c1", SentAt: Sent)));

    [Fact]
    public void Fee_waits_for_the_one_under_way_while_the_provider_is_paid()
    {
        var campaign = Funded().Held(out var first, fee: 1_000).Held(out var second, fee: 1_000).When(new NodeCommand.Post(first, 60));
        campaign.When((CampaignCommand)campaign.Last.Steps[0].Then(Answered(new Credited(Source, 1)))!)
            .After(Limits.PayoutEvery).When(new NodeCommand.Post(second, 60))
            .ThenSteps(new NodeCommand.Credit(Source, new(2, 54, "runs paid by campaign c1", SentAt: Sent + Limits.PayoutEvery)))
            .ThenState(s => Assert.Equal(6, s.Dues.To(WalletIds.Fee).OwedMicros));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(10_001)]
    public void Fee_that_is_none_breaks_an_invariant(int basisPoints)
    {
        var campaign = Funded();
        Assert.Equal("fee_within_price", Assert.Throws<InvariantViolationException>(() => campaign.When(Reserve(campaign.NextId(), fee: basisPoints))).Name);
    }

    [Fact]
    public void Books_change_when_money_enters_and_when_it_is_sent_and_with_no_run()
    {
        var campaign = Funded(1_000);
        Assert.Equal([1_000L, 0L, 1_000L, 0L, 0L, 0L], Book(campaign.State, campaign.Last.Events[0]));
        campaign.Held(out var first).Held(out var second);
        Assert.Empty(CampaignEntity.Entity.Rows(campaign.State, campaign.Last.Events[0], campaign.Now));
        campaign.When(new NodeCommand.Post(first, 60));
        Assert.Empty(CampaignEntity.Entity.Rows(campaign.State, campaign.Last.Events[0], campaign.Now));
        Assert.Equal([940L, 60L, 1_000L, 0L, 60L, 0L], Book(campaign.State, campaign.Last.Events[1]));

        // What is owed and waits is the campaign's own until it is sent.
        campaign.When(new NodeCommand.Post(second, 60)).ThenEvents(typeof(CampaignEvent.HoldPosted))
            .ThenState(s => Assert.Equal((940, 120), (s.Book.BalanceMicros, s.Dues.OwedMicros)));
    }

    [Fact]
    public void Close_books_what_is_sent_to_the_sponsor()
    {
        var campaign = Funded(1_000).When(new CampaignCommand.Close());
        Assert.Equal([0L, 0L, 1_000L, 0L, 1_000L, 0L], Book(campaign.State, campaign.Last.Events[^1]));
    }

    private static IEnumerable<object?> Book(CampaignState state, CampaignEvent happened) =>
        CampaignEntity.Entity.Rows(state, happened, default).Single(r => r.Table == FundTables.Funds).Values.Skip(4).Take(6);
}
