using Agora.Core.Kernel;
using Agora.Core.Nodes;
using Agora.Core.Tests.Nodes;
using Agora.Core.Users;
using static Agora.Core.Tests.Users.UserScenario;

namespace Agora.Core.Tests.Users;

public sealed class RefundTests
{
    private static readonly Guid RunId = new("01957a00-0000-7000-8000-00000000000a");
    private static readonly string All = $"{AccountKeys.Grant(Agent)} day:2026-03-01 month:2026-03";

    [Fact]
    public void What_is_given_back_counts_less_on_grant_day_and_month_and_may_be_spent_again()
    {
        var user = Spent(out var posted, 60);
        var take = new NodeCommand.TakeRefund(user.NextId(), RunId, 25, All);

        user.When(take).Then(new UserEvent.RefundTaken(take.TellId, RunId, All, 25)).ThenAnswered(new RefundTold(take.TellId, HoldStanding.Held));

        Assert.Equal([60L, 60, 60], posted);
        Assert.Equal([35L, 35, 35], Posted(user.State));
    }

    [Fact]
    public void A_refund_of_yesterday_leaves_today_as_it_is_and_of_a_day_that_is_forgotten_changes_the_grant_alone()
    {
        var user = Spent(out _, 60).After(TimeSpan.FromDays(1));
        user.When(Reserve(user, 40)).ThenAnswered<UserReserved>(_ => { }).When(new NodeCommand.Post(user.State.Holds.Open.Keys.Single(), 40));

        user.When(new NodeCommand.TakeRefund(user.NextId(), RunId, 25, All));
        user.ThenState(s => Assert.Equal((35L, 40L, 75L), (s.Accounts["day:2026-03-01"].Posted, s.Accounts["day:2026-03-02"].Posted, s.Accounts["month:2026-03"].Posted)));

        user.After(TimeSpan.FromDays(40)).When(Reserve(user, 10) with { RunId = user.NextId() });
        user.ThenState(s => Assert.DoesNotContain("day:2026-03-01", s.Accounts.Keys));
        user.When(new NodeCommand.TakeRefund(user.NextId(), RunId, 25, All)).ThenEvents(typeof(UserEvent.RefundTaken));
        user.ThenState(s => Assert.Equal((50L, 0L), (s.Accounts[AccountKeys.Grant(Agent)].Posted, s.Accounts["month:2026-04"].Posted)));
    }

    [Fact]
    public void Told_again_it_counts_once_before_its_release_and_after()
    {
        var user = Spent(out _, 60);
        var take = new NodeCommand.TakeRefund(user.NextId(), RunId, 25, All);
        var told = new RefundTold(take.TellId, HoldStanding.Held);
        user.When(take).ThenAnswered(told).After(TimeSpan.FromMinutes(10)).When(take).Then().ThenAnswered(told);

        var release = new NodeCommand.ReleaseRefund(take.TellId);
        user.When(release).Then(new UserEvent.RefundReleased(take.TellId)).When(release).Then();

        user.When(take).Then().ThenAnswered(told with { Standing = HoldStanding.Posted });
        user.After(TimeSpan.FromMinutes(10)).When(take).Then();
        Assert.Equal([35L, 35, 35], Posted(user.State));
    }

    [Fact]
    public void A_run_whose_hold_is_open_here_cannot_be_given_back_yet_Unavailable()
    {
        var user = Limited();
        user.When(Reserve(user, 60)).When(new NodeCommand.TakeRefund(user.NextId(), RunId, 25, All));

        Assert.Equal(Codes.Unavailable, user.Last.Answer!.Rejection!.Code);
        user.Then();
    }

    [Fact]
    public void What_a_campaign_gives_this_user_is_not_given_back()
    {
        var user = Limited().Did("c1");
        user.When(Reserve(user, 60).With<ReserveTerms.OfUser>(t => t with { Candidates = [new("c1", "Acme", 3, 100, null, null)], OwnFund = false })).When(new NodeCommand.Post(user.State.Holds.Open.Keys.Single(), 60));

        user.When(new NodeCommand.TakeRefund(user.NextId(), RunId, 60, All));

        user.ThenState(s => Assert.Equal((1L, 60L), (s.Accounts[AccountKeys.Runs("c1")].Posted, s.Accounts[AccountKeys.Micros("c1")].Posted)));
    }

    private static UserTest Limited() => Profiled(daily: 1_000, monthly: 10_000).Given(new UserEvent.GrantPut(Agent, Grant(total: 5_000)));

    /// <summary>So much of one run is posted on all limits.</summary>
    private static UserTest Spent(out long[] posted, long amount)
    {
        var user = Limited();
        user.When(Reserve(user, amount)).When(new NodeCommand.Post(user.State.Holds.Open.Keys.Single(), amount));
        posted = Posted(user.State);
        return user;
    }

    private static NodeCommand.Reserve Reserve(UserTest user, long amount) =>
        new(user.Asking().NextId(), "default/session/s1", RunId, amount, new ReserveTerms.OfUser(Agent, [], Named: false, OwnFund: true));

    private static long[] Posted(UserState state) => [.. All.Split(' ').Select(key => state.Accounts[key].Posted)];
}
