using Agora.Core.Clocks;
using Agora.Core.Kernel;
using Clock = Agora.Core.Tests.Kernel.Scenario<Agora.Core.Clocks.ClockState, Agora.Core.Clocks.ClockCommand, Agora.Core.Clocks.ClockEvent>;

namespace Agora.Core.Tests.Clocks;

public sealed class ClockTests
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    [Fact]
    public void A_clock_that_nobody_touched_is_of_the_first_generation_and_shows_the_worlds_time() =>
        NewClock().When(new ClockCommand.Get()).Then().ThenAnswered(new ClockView(1, TimeSpan.Zero));

    [Fact]
    public void Advances_add_up_by_how_much_and_to_when()
    {
        var clock = NewClock();
        var by = new ClockView(1, Day, clock.Now);
        clock.When(new ClockCommand.Advance(Day, null)).Then(new ClockEvent.Advanced(by)).ThenAnswered(by);
        var to = new ClockView(1, 3 * Day, clock.Now);
        clock.When(new ClockCommand.Advance(null, clock.Now + (3 * Day))).Then(new ClockEvent.Advanced(to)).ThenAnswered(to)
            .After(Day).When(new ClockCommand.Get()).ThenAnswered(to);
    }

    [Fact]
    public void Time_never_goes_back()
    {
        var clock = NewClock().When(new ClockCommand.Advance(Day, null));
        clock.When(new ClockCommand.Advance(null, clock.Now + Day)).ThenRejected(ClockRejection.NotForward(clock.Now + Day))
            .When(new ClockCommand.Advance(null, clock.Now)).ThenRejected(ClockRejection.NotForward(clock.Now + Day))
            .When(new ClockCommand.Advance(TimeSpan.Zero, null)).ThenRejected(ClockRejection.NotForward(clock.Now + Day));
    }

    [Fact]
    public void One_step_and_all_of_them_together_are_bounded()
    {
        var clock = NewClock().When(new ClockCommand.Advance(Limits.ClockStepMost + Day, null)).ThenRejected(ClockRejection.StepTooLong);
        for (var offset = TimeSpan.Zero; offset + Limits.ClockStepMost <= Limits.ClockAheadMost; offset += Limits.ClockStepMost)
        {
            clock.When(new ClockCommand.Advance(Limits.ClockStepMost, null)).ThenAnswered(new ClockView(1, offset + Limits.ClockStepMost, clock.Now));
        }

        clock.When(new ClockCommand.Advance(Limits.ClockStepMost, null)).ThenRejected(ClockRejection.TooFar);
    }

    [Fact]
    public void A_reset_begins_the_next_generation_at_the_worlds_time()
    {
        var clock = NewClock().When(new ClockCommand.Advance(Day, null));
        var begun = new ClockView(2, TimeSpan.Zero, clock.Now);
        clock.When(new ClockCommand.Reset()).Then(new ClockEvent.GenerationBegun(begun)).ThenAnswered(begun)
            .When(new ClockCommand.Advance(Day, null)).ThenAnswered(new ClockView(2, Day, clock.Now));
    }

    [Fact]
    public void Resets_of_a_day_are_bounded_and_the_next_one_is_told()
    {
        var clock = NewClock();
        for (var n = 0; n < Limits.ResetsADay; n++)
        {
            clock.When(new ClockCommand.Reset()).ThenAnswered(new ClockView(n + 2, TimeSpan.Zero, clock.Now)).After(TimeSpan.FromSeconds(1));
        }

        clock.When(new ClockCommand.Reset()).ThenRejected(ClockRejection.TooManyResets(clock.Now, Clock.Start + Day))
            .At(Clock.Start + Day).When(new ClockCommand.Reset()).ThenAnswered(new ClockView(Limits.ResetsADay + 2, TimeSpan.Zero, Clock.Start + Day));
    }

    [Theory]
    [InlineData("acme", "acme", null)]
    [InlineData("acme_t0", "acme", 0)]
    [InlineData("acme_t12", "acme", 12)]
    [InlineData("default_t1", "default", 1)]
    public void A_tenants_name_says_beside_whom_it_is_and_which_generation(string name, string live, int? generation)
    {
        var tenant = Tenant.Parse(name)!;
        Assert.Equal((name, live, generation), (tenant.Name, tenant.Live, tenant.Generation));
        Assert.Equal(tenant, tenant.IsTest ? Tenant.Parse(live)!.Test.Of(generation!.Value) : Tenant.Parse(live));
    }

    [Theory]
    [InlineData("acme_t")]
    [InlineData("acme_t01")]
    [InlineData("acme_t-1")]
    [InlineData("acme_t99999999999")]
    [InlineData("_t1")]
    [InlineData("acme_t1_t2")]
    [InlineData("acme_x")]
    public void What_is_no_generation_in_its_one_spelling_is_no_tenant(string name) => Assert.Null(Tenant.Parse(name));

    // What is told twice is told of two: a second advance, or reset, is one more.
    private static Clock NewClock() => Clock.Of(Tenant.Default.Clock);
}
