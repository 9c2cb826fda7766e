using Agora.Core.Campaigns;
using Agora.Core.Kernel;
using Agora.Core.Users;
using static Agora.Core.Tests.Users.UserScenario;

namespace Agora.Core.Tests.Users;

public sealed class TaskTests
{
    private static readonly Guid Asked = Command("asked");
    private static readonly Guid Id = Ids.Derive(UserTest.Start, Command("completion"), 0);
    private static readonly TargetingRule Students = new("role", ["student", "teacher"]);

    private static UserTest Claimed() => Known().Asking().When(Known().Complete("c1", id: Id), Asked);

    [Fact]
    public void A_task_is_claimed_counted_by_its_campaign_and_then_done()
    {
        var consent = new Context(UserTest.Start, Asked).NewId(0).ToString("D");
        var user = Claimed().ThenLater()
            .Then(new UserEvent.TaskClaimed(Asked, Id, "c1", "s1", Agent, "session:s1", [new(consent, "contact")]) { Output = Output })
            .ThenSteps(new CampaignCommand.CountCompletion(Id, "default/user/u1", Agent));
        var done = new TaskDone(Id, "c1", [new(consent, "contact")], UserTest.Start.AddSeconds(1));
        user.After(TimeSpan.FromSeconds(1)).WhenStep(0, Answered(new CompletionCounted(Id)))
            .Then(new UserEvent.TaskCompleted(Asked, done))
            .ThenAnsweredLate(Asked, a => Assert.Equivalent(done, a.Reply))
            .When(user.Complete("c1", id: Id)).Then().ThenAnswered(done)
            .When(new UserCommand.VoidTask(Id)).Then().ThenAnswered(done);
    }

    [Fact]
    public void A_task_that_its_campaign_refuses_may_be_tried_again()
    {
        var refused = new Rejection(Codes.NotEligible, "Enough.");
        var user = Claimed().WhenStep(0, Refused(refused))
            .Then(new UserEvent.TaskRefused(Asked, Id, refused))
            .ThenAnsweredLate(Asked, a => Assert.Equal(refused, a.Rejection));
        user.When(user.Complete("c1")).ThenLater();
    }

    [Fact]
    public void An_answer_of_the_campaign_that_comes_twice_counts_once()
    {
        var user = Claimed();
        var counted = Assert.IsAssignableFrom<UserCommand>(user.Last.Steps[0].Then(Answered(new CompletionCounted(Id))));
        user.When(counted).When(counted).Then();
    }

    [Fact]
    public void A_claim_that_a_crash_left_is_counted_again()
    {
        var user = Claimed();
        Assert.Null(user.Last.Steps[0].Then(Lost));
        var again = Assert.Single(UserDecider.Unfinished(user.State, user.Now));
        Assert.Equal(new CampaignCommand.CountCompletion(Id, "default/user/u1", Agent), Assert.IsType<StepTarget.Entity>(again.Target).Command);
        Assert.Equal(StreamId.Campaign("c1"), Assert.IsType<StepTarget.Entity>(again.Target).Stream);
    }

    [Fact]
    public void The_same_completion_asked_twice_waits_for_one_answer()
    {
        var user = Claimed();
        user.When(user.Complete("c1", id: Id), Asked).ThenLater().Then();
    }

    [Fact]
    public void A_task_done_by_any_session_is_done_for_all()
    {
        var user = Known().Did("c1");
        user.When(user.Complete("c1", session: "s2"));
        Assert.Equal(Completion("c1").ToString(), user.ThenRejected(UserRejection.AlreadyCompleted(Completion("c1"))).Rejection().Fact("completion_id"));
    }

    [Fact]
    public void Of_two_sessions_at_once_the_second_is_told_to_ask_again()
    {
        var user = Claimed();
        user.When(user.Complete("c1", session: "s2")).ThenRejected(UserRejection.CompletingElsewhere);
        Assert.True(user.Rejection().Retry);
    }

    [Fact]
    public void What_a_targeted_task_asks_of_a_user_is_not_kept_beside_the_user()
    {
        UserCommand.CompleteTask task = new(Guid.Empty, "c1", "s1", Agent, "agent", Personal.Of("x"), [], []);
        Assert.True(UserDecider.KeepsCause(task));
        Assert.False(UserDecider.KeepsCause(task with { Targeting = [Students] }));
    }

    [Theory]
    [InlineData("role", "student", true)]
    [InlineData("role", "teacher", true)]
    [InlineData("role", "Student", false)]
    [InlineData("Role", "student", false)]
    [InlineData("age", "student", false)]
    public void Targeting_compares_exactly(string attribute, string value, bool eligible)
    {
        var user = Profiled(null, null, null, new UserAttribute(attribute, ["other", value]));
        user.When(user.Complete("c1", targeting: Students));
        Assert.Equal(eligible, user.Last.IsLater);
        if (!eligible)
        {
            user.ThenRejected(UserRejection.NotTargeted);
        }
    }

    [Fact]
    public void Every_rule_must_be_met()
    {
        var user = Profiled(null, null, null, new UserAttribute("role", ["student"]));
        user.When(user.Complete("c1", targeting: [Students, new("country", ["jp"])])).ThenRejected(UserRejection.NotTargeted);
    }

    [Fact]
    public void Without_a_profile_only_what_is_for_everyone_can_be_done()
    {
        var user = Known();
        user.When(user.Complete("c1", targeting: Students)).ThenRejected(UserRejection.NotTargeted);
        user.When(user.Complete("c1")).ThenLater();
    }

    [Fact]
    public void A_completion_that_is_voided_before_it_comes_never_is()
    {
        var user = Known();
        user.When(new UserCommand.VoidTask(Id)).Then(new UserEvent.TaskVoided(Id, null)).ThenAnswered(new TaskVoided(Id))
            .When(user.Complete("c1", id: Id)).ThenRejected(UserRejection.TaskIsVoided);
    }

    [Fact]
    public void A_pending_completion_that_is_voided_is_taken_back_from_its_campaign()
    {
        var user = Claimed();
        var counted = Assert.IsAssignableFrom<UserCommand>(user.Last.Steps[0].Then(Answered(new CompletionCounted(Id))));
        user.When(new UserCommand.VoidTask(Id))
            .Then(new UserEvent.TaskRefused(Asked, Id, UserRejection.TaskIsVoided), new UserEvent.TaskVoided(Id, "c1"))
            .ThenAnswered(new TaskVoided(Id))
            .ThenAnsweredLate(Asked, a => Assert.Equal(UserRejection.TaskIsVoided, a.Rejection))
            .ThenSteps(new CampaignCommand.VoidCompletion(Id));
        var release = user.Last.Steps[0];
        Assert.Null(release.Then(Lost));
        Assert.True(UserDecider.IsUnfinished(user.State));
        user.When(counted).Then();
        var released = Assert.IsAssignableFrom<UserCommand>(release.Then(Answered(new CompletionUncounted(Id))));
        user.When(released).Then(new UserEvent.CompletionReleased(Id)).When(released).Then();
        Assert.False(UserDecider.IsUnfinished(user.State));
    }

    [Fact]
    public void What_is_too_old_to_be_claimed_needs_no_tombstone() => Known().After(TimeSpan.FromSeconds(61))
        .When(new UserCommand.VoidTask(Id)).Then().ThenAnswered(new TaskVoided(Id));

    [Fact]
    public void Attributes_that_were_put_away_no_longer_count()
    {
        var user = Profiled(null, null, null, new UserAttribute("role", ["student"])).When(new UserCommand.PutUser(Profile(), null, null));
        user.When(user.Complete("c1", targeting: Students)).ThenRejected(UserRejection.NotTargeted);
    }

    [Fact]
    public void Each_consent_has_an_id_of_its_own()
    {
        var user = Known();
        user.When(user.Complete("c1", consents: ["contact", "retention"])).WhenStep(0, Answered(new CompletionCounted(Id)))
            .ThenState(s => Assert.Equal(2, s.Completions["c1"].Consents.Select(c => c.ConsentId).Distinct().Count()));
    }

    [Fact]
    public void A_consent_is_withdrawn_by_the_agent_that_gave_it_in_any_session_of_its_own() => Known().Did("c1")
        .When(new UserCommand.WithdrawConsent("consent-c1", Agent, "s9"))
        .ThenAnswered(new ConsentWithdrawn("consent-c1", "c1", UserTest.Start));

    [Fact]
    public void A_withdrawn_consent_says_when_and_again_the_same() => Known().Did("c1").After(TimeSpan.FromDays(1))
        .When(new UserCommand.WithdrawConsent("consent-c1"))
        .Then(new UserEvent.ConsentWithdrawn("consent-c1", "c1", UserTest.Start.AddDays(1)))
        .After(TimeSpan.FromDays(1))
        .When(new UserCommand.WithdrawConsent("consent-c1"))
        .Then()
        .ThenAnswered(new ConsentWithdrawn("consent-c1", "c1", UserTest.Start.AddDays(1)))
        .When(new UserCommand.GetSponsorship())
        .ThenAnswered(new Sponsorship([new("c1", Completion("c1"), UserTest.Start, 0, 0, false)]));
}
