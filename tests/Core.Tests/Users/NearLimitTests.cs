using Agora.Core.Kernel;
using Agora.Core.Nodes;
using Agora.Core.Users;
using static Agora.Core.Tests.Users.UserScenario;

namespace Agora.Core.Tests.Users;

/// <summary>From 80 % of a cap on whoever spends is warned; the cap itself refuses as ever.</summary>
public sealed class NearLimitTests
{
    [Theory]
    [InlineData(1_000, 799, false)]
    [InlineData(1_000, 800, true)]
    [InlineData(1_000, 1_000, true)]
    [InlineData(Limits.MaxMicros, (Limits.MaxMicros / 10 * 8) - 1, false)]
    [InlineData(Limits.MaxMicros, Limits.MaxMicros / 10 * 8, true)]
    public void A_cap_is_near_from_80_percent_on(long limit, long used, bool near) => Assert.Equal(near, Account.WithLimit(limit).Reserve(used).IsNearLimit);

    [Fact]
    public void Where_there_is_no_limit_nothing_is_near() => Assert.False(Account.Unlimited.Reserve(Limits.MaxMicros).IsNearLimit);

    [Fact]
    public void Each_cap_that_a_hold_brings_near_its_end_is_named_and_no_other()
    {
        var user = Profiled(50, 1_000).Given(new UserEvent.GrantPut(Agent, Grant(total: 45))).Did("c1", "c2");
        user.When(user.Reserve(39, Sponsor("c1"))).ThenAnswered<UserReserved>(reserved => Assert.Equal([new("grant_total", Agent, 45, 6)], reserved.Near!));
        user.When(user.Reserve(1, Sponsor("c2"))).ThenAnswered<UserReserved>(reserved => Assert.Equal([new("grant_total", Agent, 45, 5), new("daily_cap", "u1", 50, 10)], reserved.Near!));
    }

    [Fact]
    public void A_hold_that_leaves_all_caps_far_names_none()
    {
        var user = Profiled(50, 1_000).Did("c1");
        user.When(user.Reserve(39, Sponsor("c1"))).ThenAnswered<UserReserved>(reserved => Assert.Null(reserved.Near));
    }
}
