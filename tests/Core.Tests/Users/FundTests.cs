using Agora.Core.Kernel;
using Agora.Core.Nodes;
using Agora.Core.Tests.Nodes;
using Agora.Core.Users;
using static Agora.Core.Tests.Users.UserScenario;

namespace Agora.Core.Tests.Users;

public sealed class FundTests
{
    private static readonly Guid Hold = Ids.Derive(UserTest.Start, Command("hold"), 0);
    private static readonly DateTimeOffset Soon = UserTest.Start.AddDays(1);
    private static readonly DateTimeOffset Later = UserTest.Start.AddDays(2);

    private static string? Chosen(UserTest user, params IReadOnlyList<Candidate> candidates)
    {
        user.When(user.Reserve(10, candidates));
        return (user.Last.Answer?.Reply as UserReserved)?.Campaign?.CampaignId;
    }

    [Fact]
    public void The_campaign_that_ends_first_pays_and_one_without_an_end_last() =>
        Assert.Equal("c3", Chosen(Known().Did("c1", "c2", "c3"), Sponsor("c1"), Sponsor("c2", ends: Later), Sponsor("c3", ends: Soon)));

    [Fact]
    public void Of_those_that_end_together_the_oldest_completion_pays() =>
        Assert.Equal("c2", Chosen(Known().Did("c2").After(TimeSpan.FromSeconds(1)).Did("c1"), Sponsor("c1", ends: Soon), Sponsor("c2", ends: Soon)));

    [Fact]
    public void Of_those_completed_together_the_first_id_pays() => Assert.Equal("c1", Chosen(Known().Did("c2", "c1"), Sponsor("c2"), Sponsor("c1")));

    [Fact]
    public void A_campaign_whose_task_was_not_done_pays_nothing() => Assert.Equal("c2", Chosen(Known().Did("c2"), Sponsor("c1", ends: Soon), Sponsor("c2")));

    [Fact]
    public void A_campaign_whose_consent_was_withdrawn_pays_nothing() =>
        Assert.Equal("c2", Chosen(Known().Did("c1", "c2").When(new UserCommand.WithdrawConsent("consent-c1")), Sponsor("c1"), Sponsor("c2")));

    [Fact]
    public void A_campaign_named_twice_is_weighed_once() => Assert.Equal("c1", Chosen(Known().Did("c1"), Sponsor("c1"), Sponsor("c1")));

    [Fact]
    public void A_completion_pays_for_so_many_runs_and_then_the_next_campaign_does()
    {
        var user = Known().Did("c1", "c2");
        Assert.Equal("c1", Chosen(user, Sponsor("c1", runs: 1), Sponsor("c2", runs: 1)));
        Assert.Equal("c2", Chosen(user, Sponsor("c1", runs: 1), Sponsor("c2", runs: 1)));
        Assert.Null(Chosen(user, Sponsor("c1", runs: 1), Sponsor("c2", runs: 1)));
        user.ThenRejected(UserRejection.UsedUp);
    }

    [Fact]
    public void A_campaign_pays_no_more_for_a_user_than_its_maximum()
    {
        var user = Known().Did("c1");
        Assert.Equal("c1", Chosen(user, Sponsor("c1", most: 19)));
        Assert.Null(Chosen(user, Sponsor("c1", most: 19)));
        Assert.Equal("c1", Chosen(user, Sponsor("c1", most: 20)));
    }

    [Fact]
    public void A_maximum_set_later_counts_what_was_spent_before()
    {
        var user = Known().Did("c1");
        Assert.Equal("c1", Chosen(user, Sponsor("c1")));
        Assert.Null(Chosen(user, Sponsor("c1", most: 15)));
    }

    [Fact]
    public void A_voided_run_may_be_run_again()
    {
        var user = Known().Did("c1");
        user.When(user.ReserveAs(Hold, 10, Sponsor("c1", runs: 1))).When(new NodeCommand.Void(Hold));
        Assert.Equal("c1", Chosen(user, Sponsor("c1", runs: 1)));
    }

    [Fact]
    public void What_would_change_an_unpaid_run_is_the_tasks_not_yet_done()
    {
        var user = Known().Did("c2");
        Assert.Equal("c2", Chosen(user, Sponsor("c2", runs: 1)));
        Assert.Null(Chosen(user, Sponsor("c3"), Sponsor("c2", runs: 1), Sponsor("c1")));
        Assert.Equal("[\"c3\",\"c1\"]", user.Rejection().Fact("campaign_ids"));
    }

    [Fact]
    public void A_named_campaign_says_so()
    {
        var user = Known().Did("c1");
        user.When(user.Reserve(10, Sponsor("c1")).With<ReserveTerms.OfUser>(t => t with { Named = true }))
            .ThenAnswered<UserReserved>(r => Assert.StartsWith("The request named campaign c1", r.Why, StringComparison.Ordinal));
    }

    [Fact]
    public void When_a_fund_refuses_the_next_in_order_is_held_in_its_place()
    {
        var user = Profiled(100).Did("c1", "c2");
        user.When(user.ReserveAs(Hold, 40, Sponsor("c1"), Sponsor("c2")))
            .When(new UserCommand.NextFund(Hold, "c1", Codes.PaymentRequired))
            .ThenEvents(typeof(UserEvent.FundPassed))
            .ThenAnswered<UserReserved>(r =>
            {
                Assert.Equal("c2", r.Campaign?.CampaignId);
                Assert.Contains("c1", r.Why, StringComparison.Ordinal);
            });
        Assert.Equal(
            [("day:2026-03-01", 40L), ("micros:c1", 0L), ("micros:c2", 40L), ("month:2026-03", 40L), ("runs:c1", 0L), ("runs:c2", 1L)],
            user.State.Accounts.Select(a => (a.Key, a.Value.Held)));
        user.When(new NodeCommand.Post(Hold, 40));
        Assert.Equal(new Account(3, 1, 0), user.State.Accounts["runs:c2"]);
    }

    [Fact]
    public void A_refusal_that_comes_twice_passes_one_fund_only()
    {
        var user = Known().Did("c1", "c2", "c3");
        user.When(user.ReserveAs(Hold, 40, Sponsor("c1"), Sponsor("c2"), Sponsor("c3")))
            .When(new UserCommand.NextFund(Hold, "c1", Codes.PaymentRequired))
            .When(new UserCommand.NextFund(Hold, "c1", Codes.PaymentRequired))
            .Then()
            .ThenAnswered<UserReserved>(r => Assert.Equal("c2", r.Campaign?.CampaignId));
    }

    [Fact]
    public void A_next_fund_that_was_used_up_meanwhile_is_passed_over()
    {
        var user = Known().Did("c1", "c2", "c3");
        user.When(user.ReserveAs(Hold, 10, Sponsor("c1"), Sponsor("c2", runs: 1), Sponsor("c3")));
        Assert.Equal("c2", Chosen(user, Sponsor("c2", runs: 1)));
        user.When(new UserCommand.NextFund(Hold, "c1", Codes.PaymentRequired)).ThenAnswered<UserReserved>(r => Assert.Equal("c3", r.Campaign?.CampaignId));
    }

    [Fact]
    public void After_the_last_fund_nothing_pays_and_the_limits_stay_held_until_the_session_voids()
    {
        var user = Profiled(100).Did("c1");
        var exhausted = UserRejection.SponsorsRefused("c1", Codes.NotEligible, null);
        user.When(user.ReserveAs(Hold, 40, Sponsor("c1")))
            .When(new UserCommand.NextFund(Hold, "c1", Codes.NotEligible))
            .ThenRejected(exhausted, new UserEvent.FundPassed(Hold, "c1", Codes.NotEligible, null, null, exhausted))
            .When(new UserCommand.NextFund(Hold, "c1", Codes.NotEligible)).ThenRejected(exhausted)
            .When(user.ReserveAs(Hold, 40, Sponsor("c1"))).ThenRejected(exhausted);
        Assert.Equal((40, 0), (user.State.Accounts["day:2026-03-01"].Held, user.State.Accounts["runs:c1"].Held));
        user.When(new NodeCommand.Void(Hold));
        Assert.Equal(0, user.State.Accounts["day:2026-03-01"].Held);
    }

    [Fact]
    public void A_next_fund_of_a_decided_hold_is_refused() => Known().When(new NodeCommand.Void(Hold))
        .When(new UserCommand.NextFund(Hold, "c1", Codes.PaymentRequired))
        .ThenRejected(UserRejection.HoldIsDecided);

    [Fact]
    public void Sponsorship_tells_what_was_used_held_or_posted()
    {
        var user = Known().Did("c1");
        user.When(user.ReserveAs(Hold, 40, Sponsor("c1"))).When(new NodeCommand.Post(Hold, 30));
        user.When(user.Reserve(7, Sponsor("c1"))).When(new UserCommand.GetSponsorship())
            .ThenAnswered(new Sponsorship([new("c1", Completion("c1"), UserTest.Start, 2, 37, true)]));
        Assert.True(user.Last.IsQuery);
    }
}
