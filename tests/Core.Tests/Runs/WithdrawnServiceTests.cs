using Agora.Core.Kernel;
using Agora.Core.Nodes;
using Agora.Core.Runs;
using static Agora.Core.Tests.Sessions.SessionScenario;

namespace Agora.Core.Tests.Runs;

/// <summary>A service that changed while a run of it waited for its user's approval: the user said yes to what was shown.</summary>
public sealed class WithdrawnServiceTests
{
    public static TheoryData<string, Listing, string> Others => new()
    {
        { "is gone, or not active", new(null), Codes.NotFound },
        { "pays another provider", new(Echo with { Provider = "provider-2" }), Codes.NotEligible },
        { "has an owner", new(Echo with { Owner = "acme" }), Codes.NotEligible },
        { "is of another category", new(Echo with { Category = "images" }), Codes.NotEligible },
        { "costs more", new(Echo with { PriceMicros = Price + 1 }), Codes.NotEligible },
        { "is metered", new(Echo with { Metered = true }), Codes.NotEligible },
    };

    [Theory]
    [MemberData(nameof(Others))]
    public void An_approved_run_of_a_service_that_changed_ends_with_a_refusal_and_holds_and_calls_nothing(string what, Listing listed, string code)
    {
        Assert.NotEmpty(what);
        var session = Begun().Waiting(out var run);

        session.When(Approve(run, listed)).ThenEvents(typeof(RunEvent.ApprovalAnswered), typeof(RunEvent.WaitEnded)).ThenAnswered(new ApprovalGiven(run, ApprovalState.Approved))
            .ThenAnsweredLate(run, a => Assert.Equal(code, a.Rejection!.Code)).ThenBudget(0, 0).ThenSteps();

        session.When(Approve(run, new(Echo))).Then().ThenAnswered(new ApprovalGiven(run, ApprovalState.Approved));
    }

    [Fact]
    public void A_service_that_rests_lets_the_run_wait_on_Unavailable()
    {
        var session = Begun().Waiting(out var run);

        session.When(Approve(run, new(Echo with { Disabled = true }))).ThenRejected(RunRejection.ServiceDisabled);

        session.When(Approve(run, new(Echo))).ThenEvents(typeof(RunEvent.Approved));
    }

    [Fact]
    public void A_service_that_is_as_it_was_or_cheaper_is_run_at_the_price_that_was_shown()
    {
        foreach (var listed in new[] { null, new Listing(Echo), new Listing(Echo with { PriceMicros = Price - 1 }) })
        {
            Begun().Waiting(out var run).When(Approve(run, listed)).ThenEvents(typeof(RunEvent.Approved)).ThenBudget(0, Price);
        }
    }

    [Fact]
    public void A_metered_run_costs_no_more_than_was_shown_whatever_others_may_cost()
    {
        var metered = Echo with { Metered = true };
        var session = Begun();
        session.Requested(out var run, service: metered).WhenStep(0, Answered(new ApprovalNeeded(session.State.Pending[run].UserHold)));

        session.When(Approve(run, new(metered with { PriceMicros = 2 * Price }))).ThenEvents(typeof(RunEvent.Approved)).ThenBudget(0, Price);
    }

    [Fact]
    public void A_denial_does_not_look_at_the_service() => Begun().Waiting(out var run)
        .When(Deny(run) with { Listed = new(Echo with { Disabled = true }) }).ThenAnswered(new ApprovalGiven(run, ApprovalState.Denied));
}
