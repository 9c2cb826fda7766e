using Agora.Core.Campaigns;
using Agora.Core.Funds;
using Agora.Core.Kernel;
using static Agora.Core.Tests.Campaigns.Sample;
using Campaign = Agora.Core.Tests.Kernel.Scenario<Agora.Core.Campaigns.CampaignState, Agora.Core.Campaigns.CampaignCommand, Agora.Core.Campaigns.CampaignEvent>;

namespace Agora.Core.Tests.Campaigns;

public sealed class CampaignCompletionTests
{
    [Fact]
    public void Completion_counts_once()
    {
        var campaign = Funded();
        var id = campaign.NextId();
        campaign.When(new CampaignCommand.CountCompletion(id)).Then(new CampaignEvent.CompletionCounted(id)).ThenAnswered(new CompletionCounted(id))
            .When(new CampaignCommand.CountCompletion(id)).Then().ThenAnswered(new CompletionCounted(id))
            .ThenState(s => Assert.Equal(1, s.Completions));
    }

    [Fact]
    public void Completion_beyond_the_last_that_is_wanted_is_rejected_not_eligible_until_one_is_voided()
    {
        var campaign = Funded(1_000, Definition with { MaxCompletions = 1 });
        var (first, second) = (campaign.NextId(), campaign.NextId());
        campaign.When(new CampaignCommand.CountCompletion(first))
            .When(new CampaignCommand.CountCompletion(second)).ThenRejected(CampaignRejection.EnoughCompletions)
            .When(new CampaignCommand.VoidCompletion(first)).Then(new CampaignEvent.CompletionUncounted(first, Counted: true))
            .When(new CampaignCommand.CountCompletion(second)).ThenAnswered(new CompletionCounted(second))
            .ThenState(s => Assert.Equal(1, s.Completions));
    }

    [Fact]
    public void Completion_that_is_voided_before_it_comes_is_rejected_unavailable_when_it_does()
    {
        var campaign = Funded();
        var id = campaign.NextId();
        campaign.When(new CampaignCommand.VoidCompletion(id)).Then(new CampaignEvent.CompletionUncounted(id, Counted: false)).ThenAnswered(new CompletionUncounted(id))
            .When(new CampaignCommand.VoidCompletion(id)).Then()
            .When(new CampaignCommand.CountCompletion(id)).ThenRejected(FundRejection.AlreadyDecided)
            .ThenState(s => Assert.Equal(0, s.Completions));
    }

    [Fact]
    public void Completion_too_old_to_be_told_from_one_that_was_counted_is_rejected_and_uncounts_nothing()
    {
        var campaign = Funded();
        var id = campaign.NextId();
        campaign.When(new CampaignCommand.CountCompletion(campaign.NextId()))
            .After(TimeSpan.FromSeconds(61)).When(new CampaignCommand.CountCompletion(id)).ThenRejected(FundRejection.TooLate)
            .After(TimeSpan.FromSeconds(60)).When(new CampaignCommand.CountCompletion(id)).ThenRejected(FundRejection.AlreadyDecided)
            .When(new CampaignCommand.VoidCompletion(id)).Then()
            .ThenState(s => Assert.Equal(1, s.Completions));
    }

    [Fact]
    public void Completion_from_too_far_ahead_is_rejected_unavailable() => Funded()
        .When(new CampaignCommand.CountCompletion(Ids.Derive(Campaign.Start + TimeSpan.FromSeconds(6), Guid.Empty, 0))).ThenRejected(FundRejection.Ahead);

    public static TheoryData<CampaignDefinition> NotOpen => new()
    {
        Definition with { Active = false },
        Definition with { StartsAt = Campaign.Start + TimeSpan.FromSeconds(1) },
        Definition with { EndsAt = Campaign.Start },
    };

    [Theory]
    [MemberData(nameof(NotOpen))]
    public void Campaign_that_is_not_open_takes_no_completion_not_found(CampaignDefinition definition)
    {
        var campaign = Funded(1_000, definition);
        campaign.When(new CampaignCommand.CountCompletion(campaign.NextId())).ThenRejected(CampaignRejection.TaskNotOpen);
    }

    [Fact]
    public void Campaign_that_nobody_put_or_that_is_closed_takes_no_completion_not_found()
    {
        var unknown = NewCampaign();
        unknown.When(new CampaignCommand.CountCompletion(unknown.NextId())).ThenRejected(CampaignRejection.TaskNotOpen);
        var closed = Funded().When(new CampaignCommand.Close());
        closed.When(new CampaignCommand.CountCompletion(closed.NextId())).ThenRejected(Codes.NotFound);
    }
}
