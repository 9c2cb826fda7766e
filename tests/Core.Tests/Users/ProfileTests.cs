using Agora.Core.Campaigns;
using Agora.Core.Kernel;
using Agora.Core.Users;
using static Agora.Core.Tests.Users.UserScenario;

namespace Agora.Core.Tests.Users;

public sealed class ProfileTests
{
    private static readonly UserAttribute Student = new("role", ["student"]);

    [Fact]
    public void A_put_user_is_there_as_it_was_put()
    {
        var profile = Profile("Asia/Tokyo", Student);
        Fresh().When(new UserCommand.PutUser(profile, 500, null))
            .Then(new UserEvent.UserPut("u1", 500, null, []) { Profile = profile })
            .ThenAnswered(new UserView("u1", profile, 500, null, [], false))
            .When(new UserCommand.Get())
            .ThenAnswered(new UserView("u1", profile, 500, null, [], false));
    }

    [Fact]
    public void A_put_is_whole_so_what_it_leaves_out_is_gone() => Profiled(500, 900, "Asia/Tokyo", Student)
        .When(new UserCommand.PutUser(Profile(), null, null))
        .ThenState(s => Assert.Equal((null, null, 0), (s.DailyCapMicros, s.MonthlyCapMicros, s.Profile!.Known.Count)));

    [Fact]
    public void The_same_put_again_changes_nothing() => Profiled(500).When(new UserCommand.PutUser(Profile(), 500, null)).Then();

    [Fact]
    public void A_put_keeps_grants_and_answers_them() => Granted()
        .When(new UserCommand.PutUser(Profile(), null, null))
        .ThenAnswered<UserView>(v => Assert.Equal(Agent, Assert.Single(v.Grants).AgentId));

    [Fact]
    public void Erased_data_are_gone_and_the_erasure_is_answered_again_as_it_was() => Profiled(500, null, null, Student)
        .When(new UserCommand.EraseData())
        .Then(new UserEvent.PersonalDataErased("u1", UserTest.Start))
        .ThenState(s => Assert.Null(s.Profile))
        .After(TimeSpan.FromDays(1))
        .When(new UserCommand.EraseData())
        .Then()
        .ThenAnswered(new UserErased("u1", UserTest.Start))
        .When(new UserCommand.Get())
        .ThenAnswered(new UserView("u1", null, 500, null, [], true));

    [Fact]
    public void The_host_learns_from_the_event_that_the_key_goes() =>
        Assert.IsAssignableFrom<IErasesPersonalKey>(new UserEvent.PersonalDataErased("u1", UserTest.Start));

    [Fact]
    public void The_personal_key_is_the_users_own_and_keeps_its_name_after_erasure() => Profiled()
        .ThenState(s => Assert.Equal("user/default/u1", UserEntity.Entity.PersonalKey(s)))
        .When(new UserCommand.EraseData())
        .ThenState(s => Assert.Equal("user/default/u1", UserEntity.Entity.PersonalKey(s)));

    [Fact]
    public void A_profile_whose_key_was_destroyed_reads_as_none() => Fresh()
        .Given(new UserEvent.UserPut("u1", null, null, []))
        .ThenState(s => Assert.True(s is { Exists: true, Profile: null }));

    [Fact]
    public void A_grant_is_put_whole_and_the_same_again_changes_nothing() => Known()
        .When(new UserCommand.PutGrant(Agent, Grant(total: 5)))
        .Then(new UserEvent.GrantPut(Agent, Grant(total: 5)))
        .When(new UserCommand.PutGrant(Agent, Grant(total: 6)))
        .Then(new UserEvent.GrantPut(Agent, Grant(total: 6)))
        .When(new UserCommand.PutGrant(Agent, Grant(total: 6)))
        .Then()
        .ThenAnswered(new GrantView(Agent, Grant(total: 6)));

    [Fact]
    public void Only_what_needs_its_inputs_for_a_replay_keeps_them()
    {
        Assert.True(UserDecider.KeepsCause(Open()));
        Assert.True(UserDecider.KeepsCause(Fresh().Complete("c1")));
        Assert.True(UserDecider.KeepsCause(Fresh().Reserve(1)));
        Assert.False(UserDecider.KeepsCause(new UserCommand.PutUser(Profile(), null, null)));
    }
}
