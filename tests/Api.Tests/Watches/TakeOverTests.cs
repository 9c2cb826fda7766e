using System.Diagnostics;
using Agora.Api.Tests.Memories;
using Agora.Api.Tests.Models;
using Agora.Api.Tests.Support;
using Agora.Contracts;
using Agora.Core.Kernel;
using Agora.Core.Sessions;
using Agora.Core.Watches;
using Agora.Journal;
using Agora.Journal.Memory;
using Agora.ScriptedModels;
using Agora.Testing;
using Microsoft.Extensions.DependencyInjection;
using static Agora.Api.Tests.Watches.WatchWorld;

namespace Agora.Api.Tests.Watches;

/// <summary>Two processes on one store: what one has begun the other ends, and no call is made for a run a second time.</summary>
public sealed class TakeOverTests
{
    [Fact]
    public async Task A_process_that_is_gone_in_mid_turn_is_followed_by_another_and_each_call_is_paid_once()
    {
        var (store, gone) = (new MemoryJournal(TimeProvider.System), (CutJournal?)null);
        await using var first = await Start(new() { Faults = [FaultRule.Always(new Fault.HangAfter(3))] }, gone = new(store));
        await using var second = await Start(store: new OpenJournal(store), isNew: false);
        var ((begun, here), (_, there)) = (await first.Open(), await second.Open());
        var id = await Begin(here, Plan(turns: 2));
        await Speaks(here, id);
        var lost = Turns(await Get(here, id))[0].GetProperty("run_id").GetGuid();

        gone.IsCut = true; // as a process that is killed: it says nothing any more, to nobody

        using var over = new CancellationTokenSource();
        var alarms = Ring(second, begun, over.Token);
        var watch = await Until(there, id, "ended");
        await over.CancelAsync();
        await alarms;
        Assert.Equal("upstream_timeout", (await OutcomeTests.Of(second, begun, lost)).Code);
        Assert.Equal([2, 1], Turns(watch).Select(turn => turn.GetProperty("attempts").GetInt32()));
        Assert.Equal(["This is a scripted answer.", "This is a scripted answer."], Turns(watch).Select(turn => Text(turn, "text")));
        Assert.Equal((1, 2), (first.Models.Upstream.Requests, second.Models.Upstream.Requests));

        // Of the call that was cut off nobody knows what it cost: what was held is posted. All are of the session with which it was begun.
        var spent = Seats(watch).Sum(seat => ModelWorld.Micros(seat.GetProperty("spent_cents")));
        Assert.Equal(Cost(watch), spent);
        Assert.True(spent > await second.Truth());
        Assert.Equal(spent, await second.Models.SpentInTheEnd(begun));
        await second.Models.NothingIsHeld(begun);
    }

    /// <summary>The row of a dialogue says until when its turn was held at first. So of a long turn others look while its driver lives.</summary>
    [Fact]
    public async Task A_dialogue_that_another_process_has_looked_at_while_its_driver_lived_is_followed_when_that_is_gone()
    {
        var time = new MovedClock();
        var (held, looked) = (new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        var (store, gone) = (new MemoryJournal(time), (CutJournal?)null);
        await using var first = await Start(new() { Faults = [FaultRule.Always(new Fault.HangAfter(3))] }, gone = new(store), ownTime: time, edge: inner => new HeldEntities(inner) { HeardAfter = sent => Heard<WatchCommand.HoldTurn>(sent, held) });
        await using var second = await Start(store: new OpenJournal(store), isNew: false, ownTime: time, edge: inner => new HeldEntities(inner) { HeardAfter = sent => Heard<WatchCommand.Get>(sent, looked) });
        var ((begun, here), (_, there)) = (await first.Open(), await second.Open());
        var id = await Begin(here, Plan(turns: 2));
        await Speaks(here, id);

        time.Move(WatchLimits.HeldEvery);
        await held.Task.WaitAsync(Hang.Timeout);
        time.Move(WatchLimits.HeldFor - WatchLimits.HeldEvery + WatchLimits.LeftFor);
        await looked.Task.WaitAsync(Hang.Timeout);
        gone.IsCut = true;
        time.Move(WatchLimits.HeldFor + WatchLimits.LeftFor);

        using var over = new CancellationTokenSource();
        var alarms = Ring(second, begun, over.Token);
        var watch = await Until(there, id, "ended");
        await over.CancelAsync();
        await alarms;
        Assert.Equal([2, 1], Turns(watch).Select(turn => turn.GetProperty("attempts").GetInt32()));
    }

    private static Task? Heard<TCommand>(object sent, TaskCompletionSource heard)
    {
        if (sent is TCommand)
        {
            heard.TrySetResult();
        }

        return null;
    }

    /// <summary>Moves by as much for what is measured as for what is dated.</summary>
    private sealed class MovedClock : TimeProvider
    {
        private long _ticks;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public void Move(TimeSpan by) => Interlocked.Add(ref _ticks, by.Ticks);

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + new TimeSpan(Interlocked.Read(ref _ticks));

        public override long GetTimestamp() => Stopwatch.GetElapsedTime(0).Ticks + Interlocked.Read(ref _ticks);
    }

    /// <summary>As a silo rings the alarm of a session that has something under way.</summary>
    private static async Task Ring(WatchWorld world, ModelSession session, CancellationToken over)
    {
        var entity = world.Models.Api.Services.GetRequiredService<IEntities>().In(Tenant.Default).Session(session.Id);
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(5));
        while (!over.IsCancellationRequested)
        {
            await entity.Send(SessionEntity.Entity.Tick!, new(Guid.CreateVersion7()), CancellationToken.None);
            await timer.WaitForNextTickAsync(over).AsTask().ContinueWith(static _ => { }, TaskScheduler.Default);
        }
    }

    private sealed class CutJournal(IJournal inner) : DelegatingJournal(inner)
    {
        public bool IsCut { get; set; }

        public override Task<IReadOnlyList<AppendOutcome>> Append(IReadOnlyList<StreamAppend> batch, bool again, CancellationToken cancel) => IsCut ? throw new JournalUnavailableException("It is gone.") : base.Append(batch, again, cancel);

        public override Task<IReadOnlyList<JournalRow>> Read(string stream, long afterSeq, int limit, CancellationToken cancel) => IsCut ? throw new JournalUnavailableException("It is gone.") : base.Read(stream, afterSeq, limit, cancel);

        public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
