using Agora.Core.Access;
using Agora.Core.Kernel;
using Agora.Core.Runs;
using Agora.Core.Sessions;
using Agora.Core.Tests.Kernel;
using Agora.Core.Users;
using static Agora.Core.Tests.Sessions.SessionScenario;

namespace Agora.Core.Tests.Sessions;

/// <summary>Tasks and consents: checked here, decided by the user's stream, and recorded as it was decided.</summary>
public sealed class TaskTests
{
    private static readonly ConsentRecorded Contact = new("k1", "contact");

    public static TheoryData<string, string, Scopes> Narrow => new()
    {
        { "task type", "survey", new(["poll"], ["*"], ["*"], ["*"]) },
        { "data type", "opinions", new(["*"], [], ["*"], ["*"]) },
        { "consent", "contact", new(["*"], ["*"], ["*"], ["retention"]) },
    };

    [Theory]
    [MemberData(nameof(Narrow))]
    public void Each_kind_out_of_scope_is_refused_and_reported(string what, string value, Scopes scopes)
    {
        var session = Begun(scopes);
        var command = session.NextId();
        session.When(Complete(Request("do_task", violations: [new("/output", "type", "Not that.")])), command).ThenLater().ThenSteps(new UserCommand.ReportViolation("a1", "s1", 5, 5));
        session.WhenStep(0, Answered(new Standing(false, null, 1, 0))).ThenAnsweredLate(command, a => Assert.Equivalent(AccessRejection.OutOfScope(what, value), a.Rejection, strict: true));
    }

    [Fact]
    public void An_unknown_campaign_is_not_found() =>
        Assert.Equal(RunRejection.CampaignNotFound("c1"), Begun(new([], [], [], [])).When(Complete() with { Task = null }).Rejection());

    [Fact]
    public void A_campaign_that_is_not_open_is_not_eligible_but_its_content_is_looked_at_first()
    {
        var closed = Survey with { Open = false };
        Assert.Equal(SessionRejection.CampaignNotOpen, Begun().When(Complete(task: closed)).Rejection());
        Begun().When(Complete(task: closed, consents: [new("contact", false)])).ThenRefused(Codes.ValidationFailed);
    }

    [Fact]
    public void What_is_wrong_with_output_and_consents_is_said_all_at_once()
    {
        var task = Survey with { Consents = ["contact", "retention"] };
        var session = Begun().When(Complete(
            Request("do_task", violations: [new("/output/answer", "type", "A number, please.")]), task,
            new("contact", false), new("data_sharing", true), new("contact", true), new("retention", false)));
        Assert.Equal(
            ["/output/answer type", "/consents required", "/consents/1/type enum", "/consents/2/type uniqueItems"],
            session.Rejection().Details!.Select(d => $"{d.Path} {d.Keyword}"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(null)]
    public void A_consent_that_is_refused_or_missing_is_asked_for(bool? granted)
    {
        var session = Begun().When(Complete() with { Consents = granted is { } given ? [new("contact", given)] : [] });
        Assert.Equal("The task needs the user's consent 'contact', granted: true.", Assert.Single(session.Rejection().Details!).Message);
    }

    [Fact]
    public void A_task_is_submitted_to_the_user_with_its_output_which_stays_out_of_this_stream()
    {
        var session = Begun().Submitted(out var command);
        var asked = session.Command<UserCommand.CompleteTask>();
        Assert.Equal((TaskOutput, "c1", "s1", "a1", "agent"), (asked.Output, asked.CampaignId, asked.SessionId, asked.AgentId, asked.GrantedVia));
        Assert.Equal(command, session.State.Tasks[asked.CompletionId].CommandId);
        Assert.DoesNotContain("42", Laws.Written(SessionEntity.Entity.Events, session.Last.Events[0]), StringComparison.Ordinal);
    }

    [Fact]
    public void A_done_task_is_recorded_and_answered_and_a_repeat_is_answered_from_its_event()
    {
        var session = Begun().Submitted(out var command);
        var id = session.Command<UserCommand.CompleteTask>().CompletionId;
        session.WhenStep(0, Answered(new TaskDone(id, "c1", [Contact], session.Now))).ThenEvents(typeof(SessionEvent.TaskRecorded))
            .ThenAnsweredLate(command, a => Assert.Equal(Laws.Text(Answer.Of(new Completed(id, "c1", "agent", [Contact]))), Laws.Text(a)));
        Assert.False(SessionDecider.IsUnfinished(session.State));
    }

    [Fact]
    public void What_is_done_in_a_session_that_a_chat_opened_is_a_persons_when_it_is_asked_when_it_is_answered_and_when_it_is_repeated()
    {
        var session = Fresh().When(new AccessCommand.Begin("a1", "u1", Everything, Limit, 3_600, KeyId: Openers.Gpt)).Submitted(out var command);
        var asked = session.Command<UserCommand.CompleteTask>();
        Assert.Equal("human", asked.GrantedVia);

        session.WhenStep(0, Answered(new TaskDone(asked.CompletionId, "c1", [Contact], session.Now)))
            .ThenAnsweredLate(command, a => Assert.Equal(Laws.Text(Answer.Of(new Completed(asked.CompletionId, "c1", "human", [Contact]))), Laws.Text(a)));
    }

    [Fact]
    public void A_task_that_the_user_refuses_is_refused_with_its_reason_and_audited_so()
    {
        var session = Begun().Submitted(out var command).WhenStep(0, Refused(UserRejection.NotTargeted))
            .ThenAnsweredLate(command, a => Assert.Equal(UserRejection.NotTargeted, a.Rejection));
        Assert.Equal(403, Assert.IsType<SessionEvent.TaskRefused>(Assert.Single(session.Last.Events)).Line.Status);
    }

    [Fact]
    public void A_task_whose_answer_was_lost_is_asked_for_as_a_void_and_may_still_be_done()
    {
        var session = Begun().Submitted(out var command);
        var id = session.Command<UserCommand.CompleteTask>().CompletionId;
        session.WhenStep(0, Lost).Then().ThenSteps(new UserCommand.VoidTask(id));
        session.WhenStep(0, Answered(new TaskDone(id, "c1", [Contact], session.Now))).ThenAnsweredLate(command, a => Assert.IsType<Completed>(a.Reply));
    }

    [Fact]
    public void A_task_whose_answer_was_lost_and_that_is_voided_never_happened()
    {
        var session = Begun().Submitted(out var command).WhenStep(0, Lost);
        session.WhenStep(0, Answered(new TaskVoided(session.Command<UserCommand.VoidTask>().CompletionId)))
            .ThenEvents(typeof(SessionEvent.TaskRefused)).ThenAnsweredLate(command, a => Assert.Equal(SessionRejection.TaskUnreachable, a.Rejection));
    }

    [Fact]
    public void A_void_that_is_lost_too_is_asked_again_by_the_alarm()
    {
        var session = Begun().Submitted(out _).WhenStep(0, Lost);
        Assert.Null(session.Last.Steps[0].Then(Lost));
        Assert.IsType<UserCommand.VoidTask>(Assert.IsType<StepTarget.Entity>(Assert.Single(SessionDecider.Unfinished(session.State, session.Now)).Target).Command);
    }

    [Fact]
    public void A_late_answer_of_a_decided_task_is_dropped()
    {
        var session = Begun().Submitted(out _);
        var late = session.Last.Steps[0];
        session.WhenStep(0, Refused(UserRejection.NotTargeted)).When((LeafCommand)late.Then(Lost)!).Then();
        Assert.Empty(session.Last.Steps);
    }

    [Fact]
    public void A_repeat_of_a_task_under_way_shares_its_outcome()
    {
        var session = Begun().Submitted(out var command).When(Complete(), command).Then().ThenLater();
        Assert.Empty(session.Last.Steps);
    }

    [Fact]
    public void A_withdrawn_consent_is_recorded_and_answered()
    {
        var session = Begun();
        var (command, withdrawn) = (session.NextId(), new ConsentWithdrawn("k1", "c1", session.Now));
        session.When(new SessionCommand.WithdrawConsent(Request("withdraw_consent"), "k1"), command).Then().ThenLater().ThenSteps(new UserCommand.WithdrawConsent("k1", session.State.AgentId, session.State.SessionId));
        session.WhenStep(0, Answered(withdrawn)).ThenEvents(typeof(SessionEvent.ConsentWithdrawalRecorded)).ThenAnsweredLate(command, a => Assert.Equal(withdrawn, a.Reply));
    }

    [Fact]
    public void A_consent_that_is_not_there_is_refused_and_audited()
    {
        var session = Begun().When(new SessionCommand.WithdrawConsent(Request("withdraw_consent"), "k1")).WhenStep(0, Refused(UserRejection.NoSuchConsent));
        Assert.Equal((404, UserRejection.NoSuchConsent), (session.Audited().Status, Assert.Single(session.Last.LateAnswers).Answer.Rejection));
    }

    [Fact]
    public void A_withdrawal_that_does_not_reach_the_user_is_unavailable() => Assert.Equal(
        Codes.Unavailable,
        Assert.Single(Begun().When(new SessionCommand.WithdrawConsent(Request("withdraw_consent"), "k1")).WhenStep(0, Lost).Last.LateAnswers).Answer.Rejection!.Code);
}
