using Agora.Core.Campaigns;
using Agora.Core.Funds;
using Agora.Core.Kernel;
using Agora.Core.Nodes;
using static Agora.Core.Tests.Campaigns.Sample;
using Campaign = Agora.Core.Tests.Kernel.Scenario<Agora.Core.Campaigns.CampaignState, Agora.Core.Campaigns.CampaignCommand, Agora.Core.Campaigns.CampaignEvent>;

namespace Agora.Core.Tests.Campaigns;

public sealed class CampaignReserveTests
{
    private static readonly CampaignDefinition ForTokyo = Definition with { Targeting = [new("city", ["Tokyo", "Osaka"]), new("plan", ["pro"])] };

    [Fact]
    public void Covered_run_is_reserved_on_escrow_and_day()
    {
        var campaign = Funded(1_000, Definition with { DailyCapMicros = 500 });
        var hold = campaign.NextId();
        campaign.When(Reserve(hold, 60))
            .Then(new CampaignEvent.HoldReserved(hold, Owner, RunId, "summary", 60, Provider, "2026-03-01"))
            .ThenAnswered(Sample.Reserved(hold))
            .ThenState(s => Assert.Equal((60L, 940L, 440L), (s.Escrow.Held, s.Escrow.Remaining, s.Day("2026-03-01").Remaining)));
    }

    [Fact]
    public void Reserve_again_is_answered_again_and_holds_once() => Funded()
        .Held(out var hold)
        .When(Reserve(hold)).Then().ThenAnswered(Sample.Reserved(hold))
        .After(TimeSpan.FromHours(1))
        .When(Reserve(hold)).Then().ThenAnswered(Sample.Reserved(hold))
        .ThenState(s => Assert.Equal(60, s.Escrow.Held));

    [Fact]
    public void What_is_left_of_an_escrow_is_told_by_the_hold_that_takes_it_below_a_fifth_and_by_none_after_it()
    {
        var campaign = Funded(1_000);
        long? Low(long amount) => Assert.IsType<CampaignEvent.HoldReserved>(Assert.Single(campaign.When(Reserve(campaign.NextId(), amount, "keywords")).Last.Events)).LowMicros;

        Assert.Equal([null, null, 199, null], new[] { Low(500), Low(300), Low(1), Low(10) });
    }

    public static TheoryData<CampaignDefinition, string, long, Rejection> Refusals => new()
    {
        { Definition with { Active = false }, "summary", 60, CampaignRejection.NotOpen },
        { Definition with { StartsAt = Campaign.Start + TimeSpan.FromMicroseconds(1) }, "summary", 60, CampaignRejection.NotOpen },
        { Definition with { EndsAt = Campaign.Start }, "summary", 60, CampaignRejection.NotOpen },
        { Definition, "translate", 60, CampaignRejection.NotCovered },
        { Definition, "Summary", 60, CampaignRejection.NotCovered },
        { ForTokyo, "summary", 60, CampaignRejection.NotEligible },
        { Definition, "summary", 101, CampaignRejection.PriceAboveMaximum },
        { Definition with { DailyCapMicros = 59 }, "summary", 60, CampaignRejection.DailyCapReached },
        { Definition, "keywords", 1_001, CampaignRejection.EscrowShort },

        // In order of precedence: each row is wrong in everything that comes later, too.
        { ForTokyo with { Active = false, DailyCapMicros = 0 }, "translate", 2_000, CampaignRejection.NotOpen },
        { ForTokyo with { DailyCapMicros = 0 }, "translate", 2_000, CampaignRejection.NotCovered },
        { ForTokyo with { DailyCapMicros = 0 }, "summary", 2_000, CampaignRejection.NotEligible },
        { Definition with { DailyCapMicros = 0 }, "summary", 2_000, CampaignRejection.PriceAboveMaximum },
        { Definition with { DailyCapMicros = 0 }, "keywords", 2_000, CampaignRejection.DailyCapReached },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public void Run_that_the_campaign_does_not_pay_is_rejected_and_holds_nothing(CampaignDefinition definition, string service, long micros, Rejection rejection)
    {
        var campaign = Funded(1_000, definition);
        campaign.When(Reserve(campaign.NextId(), micros, service)).ThenRejected(rejection).ThenState(s => Assert.Equal(0, s.Escrow.Held));
    }

    [Fact]
    public void Codes_of_refusals_are_those_of_the_contract()
    {
        Assert.Equal(Codes.NotEligible, CampaignRejection.NotEligible.Code);
        Assert.All(
            [CampaignRejection.NotOpen, CampaignRejection.NotCovered, CampaignRejection.PriceAboveMaximum, CampaignRejection.DailyCapReached, CampaignRejection.EscrowShort],
            r => Assert.Equal(Codes.PaymentRequired, r.Code));
        Assert.All(
            [FundRejection.AlreadyDecided, FundRejection.TooLate, FundRejection.Ahead],
            r => Assert.Equal(Codes.Unavailable, r.Code));
    }

    [Fact]
    public void Campaign_that_nobody_put_or_that_is_closed_pays_nothing_payment_required()
    {
        var unknown = NewCampaign();
        unknown.When(Reserve(unknown.NextId())).ThenRejected(CampaignRejection.NotOpen);
        var closed = Funded().When(new CampaignCommand.Close());
        closed.When(Reserve(closed.NextId())).ThenRejected(CampaignRejection.NotOpen);
    }

    [Theory]
    [InlineData("Tokyo", "pro", true)]
    [InlineData("Osaka", "pro", true)]
    [InlineData("tokyo", "pro", false)]
    [InlineData("Tokyo", "free", false)]
    public void User_who_fits_every_rule_is_paid_for_and_no_other(string city, string plan, bool paid)
    {
        var campaign = Funded(1_000, ForTokyo);
        var attributes = Personal.Of<IReadOnlyList<UserAttribute>>([new("city", ["Kyoto", city]), new("plan", [plan])]);
        campaign.When(Reserve(campaign.NextId(), attributes: attributes));
        Assert.Equal(paid ? null : Codes.NotEligible, campaign.Last.Answer?.Rejection?.Code);
    }

    [Fact]
    public void User_without_the_attribute_is_rejected_not_eligible()
    {
        var campaign = Funded(1_000, ForTokyo);
        campaign.When(Reserve(campaign.NextId(), attributes: Personal.Of<IReadOnlyList<UserAttribute>>([new("city", ["Tokyo"])]))).ThenRejected(CampaignRejection.NotEligible);
    }

    [Fact]
    public void Erased_user_of_whom_no_attributes_are_known_is_paid_for_by_a_campaign_for_everyone_and_by_no_other()
    {
        var (everyone, tokyo) = (Funded(), Funded(1_000, ForTokyo));
        everyone.When(Erased(everyone.NextId(), out var hold)).ThenAnswered(Sample.Reserved(hold));
        tokyo.When(Erased(tokyo.NextId(), out _)).ThenRejected(CampaignRejection.NotEligible);

        static CampaignCommand Erased(Guid id, out Guid hold) => new CampaignCommand.Node(new NodeCommand.Reserve(hold = id, Owner, RunId, 60, new ReserveTerms.OfCampaign("summary", Provider, Attributes: null)));
    }

    [Fact]
    public void Schedule_starts_with_its_start_and_ends_before_its_end()
    {
        var campaign = Funded(1_000, Definition with { StartsAt = Campaign.Start, EndsAt = Campaign.Start + TimeSpan.FromMinutes(1) });
        campaign.Held(out _).At(Campaign.Start + TimeSpan.FromMinutes(1)).When(Reserve(campaign.NextId())).ThenRejected(CampaignRejection.NotOpen);
    }

    [Fact]
    public void Run_that_takes_the_last_of_escrow_and_day_is_reserved_and_one_micro_more_is_rejected()
    {
        var escrow = Funded(120).Held(out _, 60).Held(out _, 60);
        escrow.When(Reserve(escrow.NextId(), 1)).ThenRejected(CampaignRejection.EscrowShort);
        var day = Funded(1_000, Definition with { DailyCapMicros = 120 }).Held(out _, 60).Held(out _, 60);
        day.When(Reserve(day.NextId(), 1)).ThenRejected(CampaignRejection.DailyCapReached);
    }

    [Fact]
    public void Daily_cap_is_whole_again_on_the_next_UTC_day_while_yesterdays_hold_stays_yesterdays()
    {
        var midnight = new DateTimeOffset(2026, 3, 2, 0, 0, 0, TimeSpan.Zero);
        var campaign = Funded(1_000, Definition with { DailyCapMicros = 60 }).At(midnight - TimeSpan.FromMicroseconds(1)).Held(out var hold, 60);
        campaign.When(Reserve(campaign.NextId(), 1)).ThenRejected(CampaignRejection.DailyCapReached);
        campaign.At(midnight).Held(out _, 60)
            .When(new NodeCommand.Void(hold))
            .ThenState(s => Assert.Equal((60L, 0L), (s.Day("2026-03-01").Remaining, s.Day("2026-03-02").Remaining)));
    }

    [Fact]
    public void Days_that_are_over_are_forgotten_when_nothing_of_them_is_held()
    {
        var campaign = Funded().Held(out _).After(TimeSpan.FromDays(1)).Held(out var hold).When(new NodeCommand.Void(hold));
        campaign.After(TimeSpan.FromDays(1)).Held(out _).ThenState(s => Assert.Equal(["2026-03-01", "2026-03-03"], s.Days.Keys));
    }

    [Fact]
    public void Lowered_cap_stops_new_holds_and_breaks_none()
    {
        var campaign = Funded().Held(out var hold, 60).When(new CampaignCommand.PutCampaign(Definition with { DailyCapMicros = 10 }));
        campaign.When(Reserve(campaign.NextId(), 1)).ThenRejected(CampaignRejection.DailyCapReached)
            .When(new NodeCommand.Post(hold, 60)).ThenAnswered(new HoldEnded(hold, HoldStanding.Posted));
    }

    [Fact]
    public void Reserve_that_comes_after_its_void_is_rejected_unavailable()
    {
        var campaign = Funded();
        var hold = campaign.NextId();
        campaign.When(new NodeCommand.Void(hold)).Then(new CampaignEvent.HoldVoided(hold)).ThenAnswered(new HoldEnded(hold, HoldStanding.Voided))
            .When(Reserve(hold)).ThenRejected(FundRejection.AlreadyDecided);
    }

    [Fact]
    public void Reserve_of_a_posted_hold_is_rejected_unavailable() => Funded()
        .Held(out var hold)
        .When(new NodeCommand.Post(hold, 60))
        .When(Reserve(hold)).ThenRejected(FundRejection.AlreadyDecided);

    [Theory]
    [InlineData(60, false)]
    [InlineData(61, true)]
    [InlineData(120, true)]
    public void Reserve_older_than_a_minute_is_rejected_unavailable(int seconds, bool late)
    {
        var campaign = Funded();
        var hold = campaign.NextId();
        campaign.After(TimeSpan.FromSeconds(seconds)).When(Reserve(hold));
        Assert.Equal(late ? FundRejection.TooLate : null, campaign.Last.Answer?.Rejection);
    }

    [Fact]
    public void Reserve_of_a_forgotten_hold_is_rejected_unavailable()
    {
        var campaign = Funded();
        var hold = campaign.NextId();
        campaign.After(TimeSpan.FromSeconds(121)).When(Reserve(hold)).ThenRejected(FundRejection.AlreadyDecided);
    }

    [Theory]
    [InlineData(5, false)]
    [InlineData(6, true)]
    public void Reserve_from_too_far_ahead_is_rejected_unavailable(int seconds, bool ahead)
    {
        var campaign = Funded();
        campaign.When(Reserve(Ids.Derive(campaign.Now + TimeSpan.FromSeconds(seconds), Guid.Empty, 0)));
        Assert.Equal(ahead ? FundRejection.Ahead : null, campaign.Last.Answer?.Rejection);
    }
}
