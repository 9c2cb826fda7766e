using Agora.Core.Kernel;
using Agora.Core.Nodes;
using Agora.Core.Tests.Nodes;
using Agora.Core.Users;
using static Agora.Core.Tests.Users.UserScenario;

namespace Agora.Core.Tests.Users;

/// <summary>Which runs a grant lets begin only with the user's approval.</summary>
public sealed class ApprovalTests
{
    private static readonly Grant Asking = Grant() with { ApprovalAboveMicros = 40 };

    [Fact]
    public void A_run_above_the_grants_threshold_needs_approval_and_holds_nothing()
    {
        var user = Granted(Asking).Did("c1");
        var reserve = user.Reserve(41, Sponsor("c1"));
        user.When(reserve).Then().ThenAnswered(new ApprovalNeeded(reserve.HoldId)).ThenState(s => Assert.Empty(s.Holds.Open));
    }

    [Fact]
    public void A_run_at_the_threshold_needs_none()
    {
        var user = Granted(Asking).Did("c1");
        user.When(user.Reserve(40, Sponsor("c1"))).ThenEvents(typeof(UserEvent.HoldReserved));
    }

    [Fact]
    public void An_approved_run_is_held_as_any_other()
    {
        var user = Granted(Asking).Did("c1");
        user.When(user.Reserve(41, Sponsor("c1")).With<ReserveTerms.OfUser>(t => t with { Approved = true })).ThenEvents(typeof(UserEvent.HoldReserved));
    }

    [Fact]
    public void A_run_that_limits_or_funds_would_refuse_is_not_asked_about()
    {
        var user = Granted(Asking with { TotalLimitMicros = 50 }).Did("c1");
        user.When(user.Reserve(51, Sponsor("c1"))).ThenRejected(UserRejection.OverLimit("grant_total", 50, Agent, 51));
        user.When(user.Reserve(41)).ThenRejected(UserRejection.NoSponsor);
    }

    [Fact]
    public void The_grant_to_the_roots_agent_binds_and_no_other()
    {
        var user = Granted(Asking).Did("c1");
        user.When(user.Reserve(41, Sponsor("c1")).With<ReserveTerms.OfUser>(t => t with { AgentId = "a2", Above = [Agent] })).ThenAnswered<ApprovalNeeded>(_ => { });
        user.When(user.Reserve(41, Sponsor("c1")).With<ReserveTerms.OfUser>(t => t with { Above = ["a2"] })).ThenEvents(typeof(UserEvent.HoldReserved));
    }

    [Fact]
    public void A_threshold_of_nothing_asks_about_all_that_costs()
    {
        var user = Granted(Grant() with { ApprovalAboveMicros = 0 }).Did("c1");
        user.When(user.Reserve(1, Sponsor("c1"))).ThenAnswered<ApprovalNeeded>(_ => { });
        user.When(user.Reserve(0)).ThenEvents(typeof(UserEvent.HoldReserved));
    }

    [Fact]
    public void A_grant_keeps_its_threshold()
    {
        Known().When(new UserCommand.PutGrant(Agent, Asking)).ThenEvents(typeof(UserEvent.GrantPut)).When(new UserCommand.PutGrant(Agent, Asking)).Then()
            .When(new UserCommand.PutGrant(Agent, Grant())).ThenEvents(typeof(UserEvent.GrantPut));
        Known().When(new UserCommand.PutGrant(Agent, Grant() with { ApprovalAboveMicros = -1 })).ThenRejected(UserRejection.AmountOutOfRange);
    }
}
