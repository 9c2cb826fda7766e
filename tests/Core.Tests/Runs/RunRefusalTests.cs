using Agora.Core.Access;
using Agora.Core.Kernel;
using Agora.Core.Runs;
using Agora.Core.Sessions;
using Agora.Core.Users;
using Agora.Core.Wallets;
using static Agora.Core.Tests.Sessions.SessionScenario;

namespace Agora.Core.Tests.Runs;

/// <summary>What a session refuses of a run before anyone else is asked, in its order.</summary>
public sealed class RunRefusalTests
{
    private static readonly Scopes Cooking = new(["*"], ["*"], ["cooking"], ["*"]);
    private static readonly IReadOnlyList<Detail> Wrong = [new("/input/text", "required", "The member 'text' is missing.")];

    /// <summary>Each row mends the first fault of the row before; what is still wrong is refused next.</summary>
    [Fact]
    public void The_first_reason_in_order_is_the_one_that_is_given()
    {
        var (dear, bad) = (Echo with { PriceMicros = Limit + 1 }, Request(violations: Wrong));
        var run = Run(bad, dear with { Disabled = true }, named: "c9", found: false, most: 1);
        Refuses(run with { Service = null }, RunRejection.ServiceNotFound("echo"), Cooking);
        Refuses(run, RunRejection.CampaignNotFound("c9"), Cooking);
        Refuses(run with { NamedFound = true, Service = dear with { Agent = "a1" } }, RunRejection.AgentAbove);
        Refuses(run with { NamedFound = true }, AccessRejection.Invalid(Wrong));
        Refuses(run with { NamedFound = true, Request = Request() }, RunRejection.ServiceDisabled);
        Refuses(run with { NamedFound = true, Request = Request(), Service = dear }, RunRejection.OverBudget("s1", Limit + 1, Limit));
        Refuses(run with { NamedFound = true, Request = Request(), Service = Echo }, RunRejection.AboveMaxPrice(Price, 1));
    }

    /// <summary>Each row mends the first fault of the row before. A name that nobody can have is not found for whoever asks; whether an agent is there is told within the scope.</summary>
    [Fact]
    public void The_first_reason_of_a_transfer_in_order_is_the_one_that_is_given()
    {
        var payees = Everything with { Payees = ["agent:a2", "agent:a1"] };
        var transfer = new RunCommand.Transfer(Request("transfer", violations: Wrong), "a3", 0, "thanks", PayeeKnown: false);
        Refuses(transfer, WalletRejection.PayeeUnknown, payees);
        Begun(payees).When(transfer with { To = "agent:a3" }).ThenLater().ThenSteps(new UserCommand.ReportViolation("a1", "s1", 5, 5));
        Refuses(transfer with { To = "agent:a2" }, AccessRejection.Invalid(Wrong), payees);
        transfer = transfer with { Request = Request("transfer") };
        Refuses(transfer with { To = "agent:a1" }, WalletRejection.PayeeIsPayer, payees);
        Refuses(transfer with { To = "agent:a2" }, WalletRejection.AmountOutOfRange, payees);
        Refuses(transfer with { To = "agent:a2", AmountMicros = Limit + 1 }, WalletRejection.PayeeUnknown, payees);
        Refuses(transfer with { To = "agent:a2", AmountMicros = Limit + 1, PayeeKnown = true }, RunRejection.OverBudget("s1", Limit + 1, Limit), payees);
    }

    /// <summary>It would run with nobody to pay, and below whatever the user wants to approve.</summary>
    [Theory]
    [InlineData(null)]
    [InlineData(PayWith.Wallet)]
    [InlineData(PayWith.Sponsor)]
    public void A_metered_run_that_may_cost_nothing_is_refused_before_anyone_is_asked_PaymentRequired(PayWith? with)
    {
        var session = Begun().When(Run(service: Echo with { Metered = true }, most: 0) with { PayWith = with });
        Assert.Equal(RunRejection.AboveMaxPrice(Price, 0), session.Rejection());
        Assert.Empty(session.Last.Steps);
        Assert.Equal(402, session.Audited().Status);
    }

    [Fact]
    public void A_metered_run_that_may_cost_the_least_there_is_holds_that_much() => Begun().When(Run(service: Echo with { Metered = true }, most: 1)).ThenBudget(0, 1);

    [Fact]
    public void A_duplicate_is_refused_before_the_budget_is_looked_at()
    {
        var session = Begun().Succeeded(out var first).When(Run(service: Echo with { PriceMicros = Limit }));
        Assert.Equal(RunRejection.Duplicate(first, 10).Message, session.Rejection().Message);
    }

    [Fact]
    public void A_payee_in_other_letters_is_another_payee_out_of_scope_and_a_category_is_the_same()
    {
        var session = Begun(Everything with { Payees = ["agent:Bob"] });
        session.When(Paying("agent:bob")).ThenLater().ThenSteps(new UserCommand.ReportViolation("a1", "s1", 5, 5));
        session.When(Paying("agent:Bob")).ThenEvents(typeof(RunEvent.Requested));
        Begun(Everything with { Categories = ["Writing"] }).When(Run()).ThenEvents(typeof(RunEvent.Requested));

        static RunCommand.Transfer Paying(string payee) => new(Request("transfer"), payee, Price, "thanks", PayeeKnown: true);
    }

    [Fact]
    public void A_category_out_of_scope_is_refused_before_the_content_and_reported_to_the_user()
    {
        var session = Begun(Cooking);
        var command = session.NextId();
        session.When(Run(Request(violations: Wrong)), command).ThenLater().ThenSteps(new UserCommand.ReportViolation("a1", "s1", 5, 5));
        Assert.Equal(403, session.Audited().Status);
        session.WhenStep(0, Answered(new Standing(false, null, 1, 0))).Then().ThenAnsweredLate(command, a => Assert.Equivalent(AccessRejection.OutOfScope("category", "writing"), a.Rejection, strict: true));
    }

    [Fact]
    public void The_attempt_that_suspends_is_still_a_scope_violation_and_the_next_request_is_suspended()
    {
        var session = Begun(Cooking);
        var command = session.NextId();
        session.When(Run(), command);
        var reported = session.Last.Steps[0];
        session.When(new AccessCommand.SetStanding(true, 900, 3)).When((LeafCommand)reported.Then(Answered(new Standing(true, 900, 5, 3)))!)
            .Then()
            .ThenAnsweredLate(command, a => Assert.Equal(Codes.ScopeViolation, a.Rejection!.Code));
        session.When(Read()).ThenRefused(Codes.SessionSuspended);
    }

    [Fact]
    public void The_answer_to_a_report_says_less_than_there_is_to_hear_under_its_revision_so_an_end_that_comes_after_it_ends()
    {
        var session = Begun(Cooking).When(Run());
        session.WhenStep(0, Answered(new Standing(true, 900, 5, 3))).Then();
        session.When(new AccessCommand.SetStanding(true, 900, 3, Ended: EndReasons.KeyRevoked)).ThenEvents(typeof(SessionEvent.EndedFor));
        session.When(Read()).ThenRefused(Codes.SessionRevoked);
    }

    [Fact]
    public void A_violation_is_refused_also_when_the_user_is_out_of_reach()
    {
        var session = Begun(Cooking);
        var command = session.NextId();
        session.When(Run(), command).WhenStep(0, Lost).Then().ThenAnsweredLate(command, a => Assert.Equal(Codes.ScopeViolation, a.Rejection!.Code));
    }

    [Fact]
    public void An_empty_scope_allows_nothing_and_a_named_one_what_it_names()
    {
        Begun(new([], [], [], [])).When(Run()).ThenLater().ThenEvents(typeof(SessionEvent.Audited));
        Begun(new([], [], ["writing"], [])).When(Run()).ThenEvents(typeof(RunEvent.Requested));
    }

    [Fact]
    public void A_run_of_all_that_is_left_is_accepted_and_one_micro_dollar_more_is_over_the_budget()
    {
        Begun().When(Run(service: Echo with { PriceMicros = Limit })).ThenEvents(typeof(RunEvent.Requested)).ThenBudget(0, Limit);
        Begun().Succeeded(out _).When(Run(hash: "h2", service: Echo with { PriceMicros = Limit - Price + 1 })).ThenRefused(Codes.BudgetExceeded);
    }

    [Fact]
    public void What_runs_under_way_hold_counts_and_what_a_failed_one_held_is_free_again()
    {
        var session = Begun().Called(out var first, "h1").Called(out _, "h2").When(Run(hash: "h3"));
        Assert.Equal(["session", "0.002", """{"kind":"session","id":"s1","limit":"session"}""", "0.004", "0.002"], session.Rejection().Facts!.Select(f => f.Value));
        session.Abandoned(first).When(Run(hash: "h3")).ThenEvents(typeof(RunEvent.Requested));
    }

    [Fact]
    public void A_price_equal_to_the_most_is_accepted() => Begun().When(Run(most: Price)).ThenEvents(typeof(RunEvent.Requested));

    [Fact]
    public void The_same_input_within_the_window_names_the_first_run_and_after_it_is_a_new_one()
    {
        var session = Begun().Succeeded(out var first).After(TimeSpan.FromSeconds(10) - TimeSpan.FromMicroseconds(1)).When(Run());
        Assert.Equal((Codes.DuplicateRequest, first.ToString("D")), (session.Rejection().Code, Assert.Single(session.Rejection().Facts!).Value));
        session.After(TimeSpan.FromMicroseconds(1)).When(Run()).ThenEvents(typeof(RunEvent.Requested));
    }

    [Fact]
    public void A_run_under_way_has_duplicates_too() => Begun().Called(out _).When(Run()).ThenRefused(Codes.DuplicateRequest);

    [Fact]
    public void Another_input_or_service_is_no_duplicate()
    {
        Begun().Succeeded(out _).When(Run(hash: "h2")).ThenEvents(typeof(RunEvent.Requested));
        Begun().Succeeded(out _).When(Run() with { ServiceId = "other" }).ThenEvents(typeof(RunEvent.Requested));
    }

    [Fact]
    public void With_a_key_the_same_input_runs_again() => Begun().Succeeded(out _).When(Run(keyed: true)).ThenEvents(typeof(RunEvent.Requested));

    [Fact]
    public void After_a_failure_the_same_input_runs_again() => Begun().Called(out var run).Abandoned(run).When(Run()).ThenEvents(typeof(RunEvent.Requested));

    [Fact]
    public void A_window_of_zero_turns_duplicates_off() => Begun().Succeeded(out _)
        .When(Run(Request() with { Policy = Policy with { DuplicateWindowSeconds = 0 } })).ThenEvents(typeof(RunEvent.Requested));

    [Fact]
    public void Inputs_are_remembered_up_to_their_bound()
    {
        var session = Given(Limits.DuplicateMemory + 1);
        Assert.Equal(Limits.DuplicateMemory, session.State.Inputs.Count);
    }

    [Fact]
    public void Runs_under_way_are_bounded_and_more_are_told_to_wait()
    {
        var session = Given(Limits.RunsInFlight).When(Run(Unlimited, hash: "one more"));
        Assert.Equal(RunRejection.TooManyRuns, session.Rejection());
        session.When(Complete(Unlimited));
        Assert.Equal(SessionRejection.TooManyTasks, session.Rejection());
    }

    [Fact]
    public void Holds_that_nobody_could_be_told_of_are_bounded()
    {
        var session = Begun(limit: 1_000_000);
        session.Given([.. Enumerable.Range(0, Limits.HoldsToTell).SelectMany(i => new LeafEvent[] { Asked(session, i), NotHeld(session, i) })]);
        Assert.Equal(RunRejection.TooManyRuns, session.When(Run(Unlimited, hash: "one more")).Rejection());
    }

    /// <summary>By a cap that is not the session's own: an agent may try on as often as it likes.</summary>
    [Fact]
    public void That_a_cap_refuses_is_said_once_a_day_of_each_cap_and_of_no_more_caps_than_are_remembered()
    {
        var session = Fresh().When(new AccessCommand.Begin("a1", "u1", Everything, 1_000_000, 86_400));
        var (day, month) = (UserRejection.OverLimit("daily_cap", 5, "u1", Price), UserRejection.OverLimit("monthly_cap", 5, "u1", Price));
        Assert.Equal([true, false, true, false, false], new[] { day, day, month, day, month }.Select((reason, i) => IsFirst(session, i, reason)));
        Assert.False(IsFirst(session, 5, RunRejection.Unreachable));
        Assert.Equal(2, session.State.CapsHit.Length);

        session.At(new(session.Now.UtcDateTime.Date.AddDays(1), TimeSpan.Zero));
        Assert.Equal([true, false], new[] { day, day }.Select((reason, i) => IsFirst(session, 10 + i, reason)));

        var more = Enumerable.Range(0, Limits.CapsHit + 5).Select(i => IsFirst(session, 20 + i, UserRejection.OverLimit("grant_total", 5, $"a{i}", Price))).ToList();
        Assert.Equal(Limits.CapsHit - 2, more.Count(first => first));
        Assert.Equal(Limits.CapsHit, session.State.CapsHit.Length);
    }

    private static bool IsFirst(SessionTest session, int i, Rejection reason)
    {
        session.When(Run(Unlimited, hash: $"cap {i}")).WhenStep(0, Refused(reason));
        return Assert.IsType<RunEvent.Refused>(Assert.Single(session.Last.Events)).IsFirst;
    }

    private static SessionTest Given(int runs)
    {
        var session = Begun(limit: 1_000_000);
        return session.Given([.. Enumerable.Range(0, runs).Select(i => Asked(session, i))]);
    }

    private static RunEvent.Requested Asked(SessionTest session, int i) =>
        new(Ids.Derive(session.Now, Guid.Empty, -i), session.NextId(), "echo", Price, "p", null, $"h{i}", session.Now + Limits.RunVoidedAfter, new(Guid.Empty, "run_service", "", "", 200));

    private static RunEvent.Refused NotHeld(SessionTest session, int i)
    {
        var run = Asked(session, i);
        return new(run.RunId, new("echo", "p", session.Now, run.Line), RunRejection.Unreachable);
    }

    private static RequestInfo Unlimited => Request() with { Policy = Policy with { RateLimitPerMinute = int.MaxValue } };

    private static void Refuses(RunCommand run, Rejection expected, Scopes? scopes = null)
    {
        var session = Begun(scopes).When(run);
        Assert.Equal(Answer.No(expected).Rejection!.Message, session.Rejection().Message);
        Assert.Equal(Codes.StatusOf(expected.Code), session.Audited().Status);
    }
}
