using Agora.Contracts;
using Agora.Core;
using Agora.Core.Clocks;
using Agora.Core.Kernel;
using Agora.Grains.Clocks;
using Agora.Journal;
using Agora.Journal.Memory;
using Agora.Testing;

namespace Agora.Grains.Tests.Clocks;

/// <summary>What an advance of a clock rings.</summary>
public sealed class ClockAlarmsTests
{
    private static readonly Tenant First = Tenant.Default.Test.Of(1);
    private readonly SimTimeProvider _world = new();
    private readonly Dictionary<string, Func<Task>> _rings = new(StringComparer.Ordinal);
    private readonly Dictionary<string, StreamHead> _heads = new(StringComparer.Ordinal);
    private readonly List<string> _rung = [];
    private readonly MemoryJournal _journal;
    private readonly TenantTimes _times;
    private readonly SimScheduler _scheduler;

    public ClockAlarmsTests()
    {
        _journal = new(_world);
        _times = new(new Streams(this), _world, alone: true);
        _scheduler = new(new Random(1), _world);
    }

    [Fact]
    public void What_is_due_rings_in_the_order_of_its_times_and_what_is_not_does_not()
    {
        Set("wallet/b", minutes: -1);
        Set("wallet/a", minutes: -3);
        Set("wallet/c", minutes: 1);

        Assert.Equal((2, 0), Ring());
        Assert.Equal(["wallet/a", "wallet/b"], _rung);
    }

    [Fact]
    public void An_alarm_that_another_made_due_rings_too_and_the_one_that_this_made_due()
    {
        Set("session/1", minutes: -1);
        _rings["session/1"] = () => Change("campaign/1", -5);
        _rings["campaign/1"] = () => Change("wallet/1", -9);

        Assert.Equal((3, 0), Ring());
        Assert.Equal(["session/1", "campaign/1", "wallet/1"], _rung);
    }

    [Fact]
    public void A_stream_that_is_out_of_reach_is_counted_as_left_and_stops_no_other()
    {
        Set("wallet/a", minutes: -3);
        Set("wallet/b", minutes: -1);
        _rings["wallet/a"] = () => throw new OperatingException(new(FailureKind.Timeout));

        Assert.Equal((2, 1), Ring());
        Assert.Equal(["wallet/b"], _rung);
    }

    [Fact]
    public void Alarms_of_other_tenants_and_generations_do_not_ring()
    {
        _scheduler.Run(() => Change("default/wallet/a", AlarmAt(-1)));
        _scheduler.Run(() => Change("default_t2/wallet/a", AlarmAt(-1)));

        Assert.Equal((0, 0), Ring());
        Assert.Empty(_rung);
    }

    private (int Rung, int Left) Ring() => _scheduler.Run(() => new ClockAlarms(_journal, new Streams(this), _times).Ring(First, CancellationToken.None));

    private void Set(string stream, int minutes) => _scheduler.Run(() => Change(stream, minutes));

    private Task<int> Change(string stream, int minutes) => Change($"{First.Name}/{stream}", AlarmAt(minutes));

    private long AlarmAt(int minutes) => _world.GetUtcNow().AddMinutes(minutes).ToMicros();

    private async Task<int> Change(string stream, long? alarm)
    {
        var head = _heads.GetValueOrDefault(stream, StreamHead.Empty);
        var entry = new JournalEntry(Guid.CreateVersion7(_world.GetUtcNow()), _world.GetUtcNow().ToMicros(), default, []);
        var row = RowCodec.Next(stream, head, [entry]);
        await _journal.Append([new(stream, head, row, entry.AtMicros, [], [], new(alarm))], again: false, CancellationToken.None);
        _heads[stream] = new(row.Seq, row.Hash);
        return 0;
    }

    private async Task<Envelope> Rings(StreamId stream, Envelope envelope)
    {
        if (stream.Kind == Kinds.Clock) return envelope.Answered(Answer.Of(new ClockView(1, TimeSpan.Zero)));

        var name = $"{stream.Kind}/{stream.Id}";
        if (_rings.GetValueOrDefault(name) is { } ring)
        {
            await ring();
        }

        Assert.Equal(Manifest.Of(stream).Alarm, envelope.Body);
        await Change(stream.ToString(), alarm: null);
        _rung.Add(name);
        return envelope.Answered(Answer.Of(Nothing.Value));
    }

    private sealed class Streams(ClockAlarmsTests test) : IEntities
    {
        public EntityRef<TCommand> Of<TCommand>(StreamId stream)
            where TCommand : class => new(stream, (to, envelope, _) => test.Rings(to, envelope));
    }
}
