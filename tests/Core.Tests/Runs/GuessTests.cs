using Agora.Core.Campaigns;
using Agora.Core.Kernel;
using Agora.Core.Nodes;
using Agora.Core.Runs;
using Agora.Core.Services;
using Agora.Core.Sessions;
using Agora.Core.Users;
using static Agora.Core.Tests.Sessions.SessionScenario;

namespace Agora.Core.Tests.Runs;

/// <summary>
/// The fund that most likely pays is asked beside the user, who names the one that does. Their answers come in any order, and
/// the guess never costs more than a hold that is voided.
/// </summary>
public sealed class GuessTests
{
    private static readonly Candidate First = new("c1", "Acme", 3, null, null);
    private static readonly Candidate Second = new("c2", "Umbrella", 3, null, null);
    private static readonly Candidate Targeted = Second with { NeedsAttributes = true };
    private static readonly StepOutcome Output = new ServiceOutcome.Output("\"HELLO\""u8.ToArray(), 1);

    [Fact]
    public void The_first_candidate_is_asked_beside_the_user_and_the_request()
    {
        var session = Guessing(out var run, First, Second);
        var pending = session.State.Pending[run];
        session.ThenSteps(
            new NodeCommand.Reserve(pending.UserHold, "default/session/s1", run, Price, new ReserveTerms.OfUser("a1", [First, Second], false)),
            new NodeCommand.Reserve(pending.FundHold!.Value, "default/session/s1", run, Price, new ReserveTerms.OfCampaign("echo", "provider-1", null)));
        Assert.All(session.Last.Steps, s => Assert.Equal((Phase.AtOnce, run), (s.Phase, s.Key)));
        Assert.Equal(StreamId.Campaign("c1"), ((StepTarget.Entity)session.Last.Steps[1].Target).Stream);
    }

    [Fact]
    public void Who_paid_last_for_the_service_is_guessed_first_if_it_may_pay()
    {
        var session = Paid(by: Second).When(Run(hash: "h2", candidates: [First, Second]));
        Assert.Equal("c2", Assert.IsType<RunEvent.Requested>(Assert.Single(session.Last.Events)).Guess?.CampaignId);
        session = Paid(by: Second).When(Run(hash: "h2", candidates: [First]));
        Assert.Equal("c1", Assert.IsType<RunEvent.Requested>(Assert.Single(session.Last.Events)).Guess?.CampaignId);
        session = Paid(by: Second).When(Run(service: Echo with { ServiceId = "other" }, hash: "h2", candidates: [First, Second]));
        Assert.Equal("c1", Assert.IsType<RunEvent.Requested>(Assert.Single(session.Last.Events)).Guess?.CampaignId);
    }

    [Fact]
    public void Nobody_is_guessed_for_a_free_run_or_without_candidates_or_when_the_guess_needs_attributes()
    {
        Assert.All(
            [
                Run(service: Echo with { PriceMicros = 0 }, candidates: [First]),
                Run() with { Candidates = [] },
                Run(service: Echo with { PriceMicros = 0, Metered = true }, most: 0, candidates: [First]),
                Run(candidates: [Targeted, First]),
            ],
            run =>
            {
                var session = Begun().When(run).ThenEvents(typeof(RunEvent.Requested));
                Assert.IsType<NodeCommand.Reserve>(Assert.IsType<StepTarget.Entity>(Assert.Single(session.Last.Steps).Target).Command);
                Assert.Null(session.State.Pending.Values.Single().FundHold);
            });
    }

    /// <summary>Whichever answers first waits for the other; then the service is called, without an event between.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_right_guess_is_called_when_both_hold_and_is_concluded_with_the_users_reason(bool userFirst)
    {
        var session = Guessing(out var run, First, Second);
        var pending = session.State.Pending[run];
        InOrder(session, userFirst, Names(session, run, First), Held(session, run));
        session.Then();
        Assert.IsType<ServiceCall>(Assert.IsType<StepTarget.Outside>(Assert.Single(session.Last.Steps).Target).Call);
        session.WhenStep(0, Output).ThenEvents(typeof(RunEvent.Concluded)).ThenBudget(Price, 0)
            .ThenAnsweredLate(run, a => Assert.Equal(("c1", "Acme", "It ends first."), (((RunView)a.Reply!).Payment!.PayerId, ((RunView)a.Reply).Payment!.Payer, ((RunView)a.Reply).Payment!.Why)))
            .ThenSteps(new NodeCommand.Post(pending.UserHold, Price), new NodeCommand.Post(pending.FundHold!.Value, Price));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_right_guess_that_refuses_is_passed_over_and_nothing_is_left_to_void(bool userFirst)
    {
        var session = Guessing(out var run, First, Second);
        var pending = session.State.Pending[run];
        InOrder(session, userFirst, Names(session, run, First), Refused(Elsewhere));
        session.Then().ThenSteps(new UserCommand.NextFund(pending.UserHold, "c1", Codes.PaymentRequired));
        session.WhenStep(0, Reserved(session, run, Second)).ThenEvents(typeof(RunEvent.FundChosen));
        var second = session.State.Pending[run].FundHold!.Value;
        session.ThenSteps(new NodeCommand.Reserve(second, "default/session/s1", run, Price, new ReserveTerms.OfCampaign("echo", "provider-1", null)));
        Assert.Empty(session.State.Followers);
        session.WhenStep(0, Answered(new FundReserved(second))).WhenStep(0, Output)
            .ThenAnsweredLate(run, a => Assert.Equal("c2", ((RunView)a.Reply!).Payment!.PayerId))
            .ThenSteps(new NodeCommand.Post(pending.UserHold, Price), new NodeCommand.Post(second, Price));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_right_guess_out_of_reach_ends_the_run_and_both_holds_are_voided(bool userFirst)
    {
        var session = Guessing(out var run, First);
        var pending = session.State.Pending[run];
        InOrder(session, userFirst, Names(session, run, First), Lost);
        session.ThenEvents(typeof(RunEvent.Refused)).ThenBudget(0, 0)
            .ThenSteps(new NodeCommand.Void(pending.UserHold), new NodeCommand.Void(pending.FundHold!.Value));
    }

    /// <summary>The definition here was older than the campaign's, which is no longer for everyone.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_right_guess_that_wants_attributes_after_all_is_asked_again_with_them(bool userFirst)
    {
        var session = Guessing(out var run, First, Second);
        var attributes = Personal.Of<IReadOnlyList<UserAttribute>>([new("country", ["jp"])]);
        var named = Answered(new UserReserved(session.State.Pending[run].UserHold, First, attributes, "It ends first."));
        InOrder(session, userFirst, named, Refused(CampaignRejection.NotEligible));
        session.ThenEvents(typeof(RunEvent.FundChosen));
        var hold = session.State.Pending[run].FundHold!.Value;
        session.ThenSteps(new NodeCommand.Reserve(hold, "default/session/s1", run, Price, new ReserveTerms.OfCampaign("echo", "provider-1", attributes)));
        session.WhenStep(0, Refused(CampaignRejection.NotEligible)).Then()
            .ThenSteps(new UserCommand.NextFund(session.State.Pending[run].UserHold, "c1", Codes.NotEligible));
    }

    [Fact]
    public void A_wrong_guess_that_may_hold_is_told_to_void_while_the_named_fund_is_asked()
    {
        foreach (var before in new Func<SessionTest, Guid, StepOutcome?>[] { (_, _) => null, Held, (_, _) => Lost })
        {
            var session = Guessing(out var run, First, Second);
            var (wrong, guess) = (session.State.Pending[run].FundHold!.Value, session.Last.Steps[1]);
            InOrder(session, userFirst: false, Names(session, run, Second), before(session, run));
            session.ThenEvents(typeof(RunEvent.FundChosen));
            var right = session.State.Pending[run].FundHold!.Value;
            session.ThenSteps(
                new NodeCommand.Reserve(right, "default/session/s1", run, Price, new ReserveTerms.OfCampaign("echo", "provider-1", null)),
                new NodeCommand.Void(wrong));
            Assert.Equal(StreamId.Campaign("c1"), Assert.Single(session.State.Followers).Node);
            Assert.True(SessionDecider.IsUnfinished(session.State));
            var (ask, tell) = (session.Last.Steps[0], session.Last.Steps[1]);
            session.When((LeafCommand)guess.Then(Held(wrong))!).Then(); // late: it is voided whatever it says
            session.When((LeafCommand)tell.Then(Answered(new HoldEnded(wrong, HoldStanding.Voided)))!).Then(new RunEvent.NodesFollowed(run, [wrong]));
            session.When((LeafCommand)ask.Then(Held(right))!).WhenStep(0, Output).ThenAnsweredLate(run, a => Assert.Equal("c2", ((RunView)a.Reply!).Payment!.PayerId));
        }
    }

    [Fact]
    public void A_wrong_guess_that_has_refused_holds_nothing_and_is_told_nothing()
    {
        var session = Guessing(out var run, First, Second);
        InOrder(session, userFirst: false, Names(session, run, Second), Refused(Elsewhere));
        session.ThenEvents(typeof(RunEvent.FundChosen));
        Assert.Single(session.Last.Steps);
        Assert.Empty(session.State.Followers);
    }

    [Fact]
    public void The_wrong_guess_and_the_runs_own_holds_are_followed_in_one_event_when_all_have_answered()
    {
        var session = Guessing(out var run, First, Second);
        session.When((LeafCommand)session.Last.Steps[0].Then(Names(session, run, Second))!);
        var wrong = session.Last.Steps[1];
        session.WhenStep(0, Held(session, run)).WhenStep(0, Output);
        var (user, fund) = (session.Last.Steps[0], session.Last.Steps[1]);
        foreach (var step in new[] { user, wrong })
        {
            session.When((LeafCommand)step.Then(Answered(new HoldEnded(step.Key, HoldStanding.Posted)))!).Then();
        }

        session.When((LeafCommand)fund.Then(Answered(new HoldEnded(fund.Key, HoldStanding.Posted)))!).Then(new RunEvent.NodesFollowed(run, [wrong.Key, user.Key, fund.Key]));
        Assert.False(SessionDecider.IsUnfinished(session.State));
    }

    [Fact]
    public void A_refusing_user_ends_the_run_and_the_guess_is_voided_whatever_it_said()
    {
        foreach (var before in new Func<SessionTest, Guid, StepOutcome?>[] { (_, _) => null, Held, (_, _) => Lost, (_, _) => Refused(Elsewhere) })
        {
            var session = Guessing(out var run, First);
            var (pending, guess) = (session.State.Pending[run], session.Last.Steps[1]);
            InOrder(session, userFirst: false, Refused(UserRejection.NoSponsor), before(session, run));
            session.ThenEvents(typeof(RunEvent.Refused)).ThenBudget(0, 0)
                .ThenSteps(new NodeCommand.Void(pending.UserHold), new NodeCommand.Void(pending.FundHold!.Value));
            session.When((LeafCommand)guess.Then(Held(pending.FundHold.Value))!).Then();
        }
    }

    [Fact]
    public void A_run_that_a_crash_left_behind_voids_its_guess_too()
    {
        var session = Guessing(out var run, First);
        var pending = session.State.Pending[run];
        session.When((LeafCommand)session.Last.Steps[0].Then(Names(session, run, First))!);
        session.Abandoned(run).ThenSteps(new NodeCommand.Void(pending.UserHold), new NodeCommand.Void(pending.FundHold!.Value));
    }

    [Fact]
    public void A_guess_that_asks_what_became_of_its_run_is_told_that_it_is_open_or_void_but_never_posted_by_another()
    {
        var session = Guessing(out var run, First, Second);
        var (wrong, user) = (session.State.Pending[run].FundHold!.Value, session.Last.Steps[0]);
        session.When(new NodeCommand.Inquire(run, wrong)).Then().ThenAnswered(new Inquired(run, wrong, Open: true, Posted: false, 0));
        session.When((LeafCommand)user.Then(Names(session, run, Second))!);
        session.WhenStep(0, Held(session, run)).WhenStep(0, Output);
        session.When(new NodeCommand.Inquire(run, wrong)).Then().ThenAnswered(new Inquired(run, wrong, Open: false, Posted: false, 0));
    }

    [Fact]
    public void An_answer_to_an_earlier_run_of_the_same_id_is_dropped()
    {
        var session = Guessing(out var run, First);
        var (user, fund) = (session.Last.Steps[0], session.Last.Steps[1]);
        session.Abandoned(run).After(TimeSpan.FromSeconds(1)).When(Run(keyed: true, candidates: [First]), run).ThenEvents(typeof(RunEvent.Requested));
        session.When((LeafCommand)user.Then(Lost)!).Then().ThenBudget(0, Price);
        session.When((LeafCommand)fund.Then(Held(session, run))!).Then();
        session.When((LeafCommand)user.Then(Refused(Elsewhere))!).Then().ThenBudget(0, Price);
    }

    private static SessionTest Guessing(out Guid run, params IReadOnlyList<Candidate> candidates)
    {
        var session = Begun();
        run = session.NextId();
        return session.When(Run(candidates: candidates), run).ThenEvents(typeof(RunEvent.Requested)).ThenLater();
    }

    private static SessionTest Paid(Candidate by)
    {
        var session = Guessing(out var run, by);
        InOrder(session, userFirst: true, Names(session, run, by), Held(session, run));
        return session.WhenStep(0, Output).ThenEvents(typeof(RunEvent.Concluded));
    }

    /// <param name="fund">Null: it has not answered yet.</param>
    private static void InOrder(SessionTest session, bool userFirst, StepOutcome user, StepOutcome? fund)
    {
        var (asked, guessed) = (session.Last.Steps[0], session.Last.Steps[1]);
        if (userFirst)
        {
            session.When((LeafCommand)asked.Then(user)!).Then();
            Assert.Empty(session.Last.Steps);
        }

        if (fund is not null)
        {
            session.When((LeafCommand)guessed.Then(fund)!);
        }

        if (!userFirst)
        {
            Assert.True(fund is null || (session.Last.Events.IsEmpty && session.Last.Steps.IsEmpty), "A guess alone decides nothing.");
            session.When((LeafCommand)asked.Then(user)!);
        }
    }

    private static StepOutcome Names(SessionTest session, Guid run, Candidate campaign) => Reserved(session, run, campaign);

    private static StepOutcome Held(SessionTest session, Guid run) => Held(session.State.Pending[run].FundHold!.Value);

    private static StepOutcome Held(Guid hold) => Answered(new FundReserved(hold));
}
