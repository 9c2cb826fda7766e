using System.Reflection;
using Agora.Contracts;
using Agora.Core;
using Agora.Core.Kernel;
using Agora.Grains.Kernel;
using Agora.Journal.Memory;
using Agora.Testing;

namespace Agora.Grains.Tests.Kernel;

/// <summary>What a step has done outside: by the handler of its kind, within the kind's time.</summary>
public sealed class OutsideTests
{
    private static readonly OutsideKind Seconds = new("test.seconds", TimeSpan.FromSeconds(10)) { IfUnknown = new Unknown() };
    private static readonly OutsideKind Hours = new("test.hours", TimeSpan.FromMinutes(1)) { Renews = true, IfUnknown = new Unknown() };
    private readonly SimTimeProvider _time = new();
    private readonly SimScheduler _scheduler;
    private readonly TaskCompletionSource<StepOutcome> _done = new();
    private OutsideContext? _context;

    public OutsideTests() => _scheduler = new(new Random(1), _time);

    [Fact]
    public void Each_kind_of_call_has_a_handler()
    {
        var kinds = typeof(Manifest).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(OutsideCall)))
            .Select(type => (OutsideKind)type.GetField("Outside", BindingFlags.Public | BindingFlags.Static)!.GetValue(null)!).Select(kind => kind.Name).Order(StringComparer.Ordinal);

        Assert.Equal(kinds, OutsideHandlers.All(new(new Entities(null!), _time), new MemoryJournal(_time), new Product.PlayedService(), new Agora.Grains.Clocks.TenantTimes(new Entities(null!), _time, alone: true)).Select(handler => handler.Kind.Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void What_the_handler_says_in_time_is_the_outcome_and_it_knows_whose_step_it_is()
    {
        var outcome = Start(Seconds);
        _scheduler.RunFor(TimeSpan.FromSeconds(9));
        _done.SetResult(new Said("so"));
        _scheduler.RunUntil(outcome);
        Assert.Equal(new Said("so"), Told(outcome));
        Assert.Equal((StreamId.Wallet("w1"), Bench.IdOf(Bench.Key("k")), "00-trace"), (_context!.From, _context.CommandId, _context.Trace));
    }

    [Fact]
    public void What_does_not_end_in_time_is_unknown_as_its_kind_says()
    {
        var outcome = Start(Seconds);
        _scheduler.RunUntil(outcome);
        Assert.IsType<Unknown>(Told(outcome));
        Assert.Equal(Seconds.AtMost, _time.Elapsed);
    }

    [Fact]
    public void Who_renews_goes_on_and_who_stops_renewing_is_unknown_one_span_later()
    {
        var outcome = Start(Hours);
        for (var minutes = 0; minutes < 120; minutes++)
        {
            _scheduler.RunFor(TimeSpan.FromSeconds(59));
            _context!.Renew();
        }

        Assert.False(outcome.IsCompleted);
        _scheduler.RunUntil(outcome);
        Assert.IsType<Unknown>(Told(outcome));
        Assert.Equal((120 * TimeSpan.FromSeconds(59)) + Hours.AtMost, _time.Elapsed);
    }

    [Fact]
    public void Renewing_is_of_no_use_to_a_kind_that_does_not_renew()
    {
        var outcome = Start(Seconds);
        _scheduler.RunFor(TimeSpan.FromSeconds(9));
        _context!.Renew();
        _scheduler.RunUntil(outcome);
        Assert.Equal(Seconds.AtMost, _time.Elapsed);
    }

    [Fact]
    public void What_nobody_handles_breaks_the_step() =>
        Assert.Throws<NotSupportedException>(() => _scheduler.Run(() => Runner().Run(StreamId.Wallet("w1"), new StepTarget.Outside(new Call(new("test.unheard", TimeSpan.FromSeconds(1)))), Guid.Empty, null, static _ => { }, default)));

    private Task<StepOutcome> Start(OutsideKind kind)
    {
        var outcome = _scheduler.Start(() => Runner().Run(StreamId.Wallet("w1"), new StepTarget.Outside(new Call(kind)), Bench.IdOf(Bench.Key("k")), "00-trace", static _ => { }, default));
        _scheduler.RunFor(TimeSpan.Zero);
        return outcome;
    }

    private static StepOutcome Told(Task<StepOutcome> outcome) => outcome.IsCompletedSuccessfully ? outcome.Result : throw new InvalidOperationException("It has none.");

    private StepRunner Runner() => new(new(new Entities(null!), _time), [OutsideHandler.Of<Call>(Seconds, Do), OutsideHandler.Of<Call>(Hours, Do)], _time);

    private Task<StepOutcome> Do(Call call, OutsideContext context)
    {
        _context = context;
        return _done.Task;
    }

    private sealed record Call(OutsideKind Of) : OutsideCall
    {
        public override OutsideKind Kind => Of;
    }

    private sealed record Said(string Text) : StepOutcome;

    private sealed record Unknown : StepOutcome;
}
