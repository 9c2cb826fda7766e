using Agora.Core.Campaigns;
using Agora.Core.Kernel;
using Agora.Core.Runs;
using Agora.Core.Sessions;
using Agora.Core.Users;
using static Agora.Core.Tests.Sessions.SessionScenario;

namespace Agora.Core.Tests.Sessions;

/// <summary>A claim is checked as a completion is, asked of the user's stream, and recorded as it was answered.</summary>
public sealed class ClaimTests
{
    [Fact]
    public void A_claim_is_asked_of_the_user_and_recorded_with_its_answer()
    {
        var session = Begun();
        var command = session.NextId();
        session.When(Claim(), command).Then().ThenLater();
        var asked = session.Command<UserCommand.ClaimReward>();
        Assert.Equal(("c1", command, "a1", "someone"), (asked.CampaignId, asked.RequestId, asked.AgentId, asked.AgentOwner));
        var claim = new TaskClaim(asked.ClaimId, "c1", 50, session.Now + Limits.ClaimTime);
        session.WhenStep(0, Answered(claim)).ThenEvents(typeof(SessionEvent.ClaimRecorded)).ThenAnsweredLate(command, a => Assert.Equal(claim, a.Reply));
        Assert.False(SessionDecider.IsUnfinished(session.State));
    }

    [Fact]
    public void The_first_reason_in_order_is_the_one_that_is_given()
    {
        var bad = Request("claim_task", violations: [new("", "additionalProperties", "It takes none.")]);
        Assert.Equal(RunRejection.CampaignNotFound("c1"), Begun().When(Claim(bad) with { Task = null }).Rejection());
        Begun(new([], ["*"], ["*"], ["*"])).When(Claim(bad)).ThenSteps(new UserCommand.ReportViolation("a1", "s1", 5, 5));
        Begun().When(Claim(bad) with { Task = Survey with { Open = false } }).ThenRefused(Codes.ValidationFailed);
        Assert.Equal(SessionRejection.CampaignNotOpen, Begun().When(Claim() with { Task = Survey with { Open = false } }).Rejection());
    }

    [Fact]
    public void A_claim_that_is_refused_is_audited_so()
    {
        var session = Begun();
        var command = session.NextId();
        session.When(Claim(), command).WhenStep(0, Refused(CampaignRejection.RewardsExhausted)).ThenAnsweredLate(command, a => Assert.Equal(Codes.RewardsExhausted, a.Rejection!.Code));
        Assert.Equal(409, session.Audited().Status);
    }

    [Fact]
    public void A_completion_says_what_it_earns_and_when()
    {
        var session = Begun().Submitted(out var command);
        var id = session.Command<UserCommand.CompleteTask>().CompletionId;
        session.WhenStep(0, Answered(new TaskDone(id, "c1", [], session.Now, new EarnedReward(50, 60, null))))
            .ThenAnsweredLate(command, a => Assert.Equal(new TaskReward(50, session.Now.AddSeconds(60), null), ((Completed)a.Reply!).Reward));
    }
}
