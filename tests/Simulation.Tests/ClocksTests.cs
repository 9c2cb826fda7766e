using Agora.Core.Kernel;
using Agora.Replay.Checking;
using Agora.Simulation.Checks;

namespace Agora.Simulation.Tests;

/// <summary>What the checker of clocks finds, and what it lets pass.</summary>
public sealed class ClocksTests
{
    private static readonly DateTimeOffset Start = new(2030, 1, 31, 18, 59, 0, TimeSpan.Zero);
    private static readonly TimeSpan Skew = TimeSpan.FromSeconds(1);
    private static readonly Guid Command = Guid.Parse("b3a2afaa-a604-83f2-87a1-a6648235e32e");
    private readonly Findings _findings = new(TimeProvider.System, byCheckersOnly: false);
    private readonly Clocks _clocks;

    public ClocksTests()
    {
        _clocks = new(_findings, generation: 1, Skew);
    }

    /// <summary>As seed 2146064114 had it: the run was sent, decided and not yet durable; the clock was advanced; the same command was sent again.</summary>
    [Fact]
    public void A_command_that_was_first_sent_before_the_advance_and_is_durable_after_it_is_no_finding()
    {
        _clocks.Sent(Command, Start);
        Advance(16);
        _clocks.Sent(Command, Start.AddSeconds(35));

        Commit(Start);

        Assert.Null(_findings.First);
        Assert.Equal(0, _clocks.Held);
    }

    [Theory]
    [InlineData(50, true)]
    [InlineData(51, false)]
    public void A_command_that_was_first_sent_after_the_advance_is_a_finding_if_it_is_decided_earlier_than_the_tenants_clock_said(int decidedAfter, bool isFound)
    {
        Advance(16);
        _clocks.Sent(Command, Start.AddSeconds(36));
        _clocks.Sent(Command, Start.AddSeconds(90));

        Commit(Start.AddSeconds(decidedAfter));

        Assert.Equal(isFound, _findings.Any);
        Assert.Equal(1, _clocks.Held);
    }

    private void Advance(int seconds) => _clocks.Acknowledged(new(1, TimeSpan.FromSeconds(seconds)));

    private void Commit(DateTimeOffset at) => _clocks.Happened(new(new StreamId("default_t1", "session", "s"), 1, Command, at, "any event"));
}
