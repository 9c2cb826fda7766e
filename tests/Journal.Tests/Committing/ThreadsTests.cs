using Agora.Journal.Memory;
using static Agora.Journal.Tests.Samples;

namespace Agora.Journal.Tests.Committing;

/// <summary>The same committer on the thread pool, where turns of different activations do run at once.</summary>
public sealed class ThreadsTests
{
    [Fact]
    public async Task Concurrent_activations_on_real_threads_lose_nothing_and_keep_their_order()
    {
        const int streams = 16, entries = 500;
        await using var journal = new MemoryJournal(TimeProvider.System);
        await using var committer = new GroupCommitter(journal, new CommitterOptions { MaxBatchesInFlight = 2, MaxRowsPerBatch = 5, MaxEntriesPerRow = 7 }, TaskScheduler.Default, TimeProvider.System);

        await Task.WhenAll(Enumerable.Range(0, streams).Select(stream => Task.Run(async () =>
        {
            var writer = committer.Open($"s/{stream}", StreamHead.Empty);
            var waiting = new Queue<Appending>();
            for (var i = 0; i < entries; i++)
            {
                if (i % 5 == 4)
                {
                    writer.Ride(Pending($"{i}"));
                }
                else waiting.Enqueue(writer.Append(Pending($"{i}")));
                if (i % 7 == 6)
                {
                    waiting.Enqueue(writer.Confirm());
                }

                if (waiting.Count > 10)
                {
                    Assert.Equal(AppendStatus.Written, (await waiting.Dequeue()).Status);
                }
            }

            Assert.Equal(AppendStatus.Written, (await writer.Flush()).Status);
            Assert.All(await Task.WhenAll(waiting.Select(appending => appending.Task)), result => Assert.Equal(AppendStatus.Written, result.Status));
            Assert.Equal($"{entries - 1}", writer.Durable.State);
        })));

        await committer.Drain();
        for (var stream = 0; stream < streams; stream++)
            Assert.Equal(Enumerable.Range(0, entries).Select(i => $"{i}"), Said(await journal.Read($"s/{stream}", 0, int.MaxValue, default)));
        Assert.Equal(0, (await Verifier.Verify(journal, _ => { }, default)).Broken);
    }
}
