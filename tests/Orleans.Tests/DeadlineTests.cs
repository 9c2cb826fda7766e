using Agora.Contracts;
using Agora.Core.Kernel;
using Agora.Core.Wallets;
using Agora.Grains.Tests.Product;
using Agora.Journal.Memory;
using Agora.Testing;
using Orleans.Hosting;
using StreamId = Agora.Core.Kernel.StreamId;

namespace Agora.Orleans.Tests;

/// <summary>Messages that are bounded in time, and the timers that they share.</summary>
public sealed class DeadlineTests
{
    [Fact]
    public void Waits_that_begin_together_end_together_and_none_too_early_or_late()
    {
        var time = new SimTimeProvider();
        var deadlines = new Deadlines(time);
        var length = TimeSpan.FromSeconds(5);

        var first = deadlines.After(length);
        time.Advance(Deadlines.Tick - TimeSpan.FromMilliseconds(1));
        var second = deadlines.After(length);
        Assert.Equal(first, second);
        time.Advance(TimeSpan.FromMilliseconds(1));
        var next = deadlines.After(length);
        Assert.NotEqual(first, next);
        Assert.NotEqual(next, deadlines.After(2 * length));

        time.Advance(length - TimeSpan.FromMilliseconds(1)); // the second one has waited for exactly its length
        Assert.False(second.IsCancellationRequested);
        time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.True(second.IsCancellationRequested);
        Assert.False(next.IsCancellationRequested);
        time.Advance(Deadlines.Tick);
        Assert.True(next.IsCancellationRequested);
    }

    [Fact]
    public async Task Message_without_an_answer_in_time_has_failed_with_TimeoutException_and_others_wait()
    {
        var answers = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var silos = await ProductSilos.Start(new MemoryJournal(TimeProvider.System), new PlayedService(), silo => silo.AddIncomingGrainCallFilter(async context =>
        {
            if (context.Grain is IWalletGrain)
            {
                await answers.Task;
            }

            await context.Invoke();
        }));
        var calls = new GrainCalls(silos.Grains, TimeProvider.System);
        var (bounded, patient) = (new Heard(), new Heard());
        var wallet = new StreamId("default", WalletEntity.Kind, "agent:a");

        calls.Post(wallet, new(Guid.CreateVersion7(), null, new WalletCommand.Get()), TimeSpan.FromMilliseconds(50), bounded);
        calls.Post(wallet, new(Guid.CreateVersion7(), null, new WalletCommand.Get()), null, patient);

        Assert.IsType<TimeoutException>(await bounded.Task);
        Assert.False(patient.Task.IsCompleted);
        answers.SetResult();
        Assert.IsType<Answer>(await patient.Task);
    }

    private sealed class Heard : TaskCompletionSource<object>, IReply
    {
        public void Answered(object body) => SetResult(body);

        public void Failed(Exception failure) => SetResult(failure);
    }
}
