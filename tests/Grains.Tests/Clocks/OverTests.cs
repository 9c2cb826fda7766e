using Agora.Contracts;
using Agora.Core;
using Agora.Core.Clocks;
using Agora.Core.Kernel;
using Agora.Core.Wallets;
using Agora.Grains.Tests.Kernel;
using Agora.Journal;
using Agora.Journal.Memory;

namespace Agora.Grains.Tests.Clocks;

/// <summary>An entity of a tenant that was reset.</summary>
public sealed class OverTests
{
    private static readonly StreamId Stream = new(Tenant.Default.Test.Of(1).Name, Kinds.Wallet, "agent:a");
    private readonly HostFixture _fixture = new() { Clock = new(2, TimeSpan.Zero) };

    public OverTests()
    {
        var entry = new JournalEntry(_fixture.NewId(), _fixture.Time.GetUtcNow().ToMicros(), default, []);
        var row = RowCodec.Next(Stream.ToString(), StreamHead.Empty, [entry]);
        _fixture.Scheduler.Run(() => _fixture.Journal.Append([new(Stream.ToString(), StreamHead.Empty, row, entry.AtMicros, [], [], new(entry.AtMicros))], again: false, CancellationToken.None));
    }

    [Fact]
    public void It_decides_nothing_and_its_alarm_goes_out_as_it_rings()
    {
        var host = _fixture.Wallet(Stream);

        Assert.Equal(Answer.No(ClockRejection.Over), _fixture.Ask(host.Send, new WalletCommand.Get()));
        Assert.Equal(1, Alarms());
        Assert.Equal(Answer.No(ClockRejection.Over), _fixture.Ask(host.Send, WalletEntity.Entity.Tick));
        Assert.Equal(0, Alarms());
        Assert.Empty(_fixture.Stored(Stream));
    }

    [Fact]
    public void An_alarm_that_could_not_be_put_out_ends_the_activation_and_the_next_one_puts_it_out()
    {
        var failed = 0;
        var host = _fixture.Wallet(Stream);
        _fixture.Fault = call => call is JournalCall.Append && failed++ == 0 ? new(JournalFailure.Unavailable) : default;

        Assert.IsType<OperatingFailure>(_fixture.Ask(host.Send, WalletEntity.Entity.Tick));
        Assert.Equal((1, 1), (failed, Alarms()));

        Assert.Equal(Answer.No(ClockRejection.Over), _fixture.Ask(_fixture.Wallet(Stream).Send, WalletEntity.Entity.Tick));
        Assert.Equal(0, Alarms());
    }

    private int Alarms() => _fixture.Scheduler.Run(() => _fixture.Journal.AlarmsUnder("", long.MaxValue, null, 10, CancellationToken.None)).Count;
}
