using Agora.Journal.Memory;
using Agora.Journal.Tests.Fakes;
using static Agora.Journal.Tests.Samples;

namespace Agora.Journal.Tests.Committing;

/// <summary>
/// Two processes write the same streams over a store that loses, delays and refuses; activations reload after each failure. What was
/// acknowledged is there exactly once, what was refused with "nothing was written" is not there, and every chain holds.
/// </summary>
public sealed class AdversaryTests
{
    private const int Streams = 4;
    private const int EntriesEach = 30;

    [Fact]
    public async Task Acknowledged_is_there_once_and_Unavailable_is_not_there()
    {
        var (acknowledged, refused, resent) = (0, 0, 0);
        for (var seed = 1; seed <= 100; seed++)
        {
            var run = new Run(seed);
            await run.Check();
            acknowledged += run.Written.Count;
            refused += run.Refused.Count;
            resent += run.Lost;
        }

        // The faults did happen, and most of the work got through nevertheless.
        Assert.InRange(resent, 100, int.MaxValue);
        Assert.InRange(refused, 100, int.MaxValue);
        Assert.InRange(acknowledged, 100 * Streams * EntriesEach / 4, int.MaxValue);
    }

    [Fact]
    public async Task The_same_seed_gives_the_same_journal()
    {
        var (one, other) = (new Run(7), new Run(7));
        await one.Check();
        await other.Check();
        Assert.Equal(one.Heads, other.Heads);
    }

    private sealed class Run
    {
        private readonly ManualTime _time = new();
        private readonly TurnScheduler _turns = new();
        private readonly Random _random;
        private readonly MemoryJournal _store;
        private readonly List<Task> _activations = [];

        public Run(int seed)
        {
            _random = new Random(seed);
            _store = new MemoryJournal(_time);
            for (var silo = 0; silo < 2; silo++)
            {
                var journal = _store.Connect(Fault);
                var committer = new GroupCommitter(journal, new CommitterOptions { MaxBatchesInFlight = 1 + seed % 2, MaxEntriesPerRow = 3, MaxRowsPerBatch = 2 }, _turns, _time);
                for (var stream = 0; stream < Streams; stream++)
                {
                    var name = $"s/{stream}";
                    var prefix = $"{silo}.{stream}.";
                    _activations.Add(_turns.Turn(() => Activation(journal, committer, name, prefix)));
                }
            }

            while (_activations.Exists(activation => !activation.IsCompleted))
            {
                _turns.Run();
                _time.Advance(TimeSpan.FromMilliseconds(1));
            }
        }

        public SortedSet<string> Written { get; } = new(StringComparer.Ordinal);

        public SortedSet<string> Refused { get; } = new(StringComparer.Ordinal);

        public List<string> Heads { get; } = [];

        public int Lost { get; private set; }

        public async Task Check()
        {
            foreach (var activation in _activations) await activation;
            var said = new List<string>();
            for (var stream = 0; stream < Streams; stream++)
            {
                var rows = await _store.Read($"s/{stream}", 0, int.MaxValue, default);
                said.AddRange(Said(rows));
                Heads.Add(rows.Count == 0 ? "" : Convert.ToHexString(rows[^1].Hash.Span));
            }

            Assert.Equal(said.Count, said.Distinct().Count());
            Assert.Empty(Written.Except(said));
            Assert.Empty(Refused.Intersect(said));
            Assert.Equal(0, (await Verifier.Verify(_store, _ => { }, default)).Broken);
        }

        private async Task Activation(MemoryJournal journal, GroupCommitter committer, string stream, string prefix)
        {
            for (var next = 0; next < EntriesEach;)
            {
                var writer = committer.Open(stream, await Head(journal, stream));
                var waiting = new List<(string Text, Appending Result)>();
                while (next < EntriesEach && !writer.Failed && waiting.Count < 5)
                {
                    var text = prefix + next++;
                    waiting.Add((text, writer.Append(Pending(text))));
                    if (_random.Next(3) == 0)
                    {
                        await Task.Delay(TimeSpan.FromMilliseconds(_random.Next(5)), _time);
                    }
                }

                foreach (var (text, result) in waiting)
                {
                    var status = (await result).Status;
                    if (status == AppendStatus.Written)
                    {
                        Written.Add(text);
                    }

                    if (status is AppendStatus.Unavailable or AppendStatus.Conflict)
                    {
                        Refused.Add(text);
                    }
                }

                writer.Close();
            }
        }

        private static async Task<StreamHead> Head(MemoryJournal journal, string stream)
        {
            while (true)
            {
                try
                {
                    var rows = await journal.Read(stream, 0, int.MaxValue, default);
                    return rows.Count == 0 ? StreamHead.Empty : new StreamHead(rows[^1].Seq, rows[^1].Hash);
                }
                catch (JournalUnavailableException)
                {
                    // Another roll of the dice.
                }
            }
        }

        private JournalFault Fault(JournalCall call)
        {
            var delays = (TimeSpan.FromMilliseconds(_random.Next(4)), TimeSpan.FromMilliseconds(_random.Next(4)));
            var failure = (call, _random.Next(20)) switch
            {
                (_, 0) => JournalFailure.Unavailable,
                (JournalCall.Append, 1) => JournalFailure.LostBefore,
                (JournalCall.Append, 2) => JournalFailure.LostAfter,
                _ => JournalFailure.None,
            };
            if (failure is JournalFailure.LostBefore or JournalFailure.LostAfter)
            {
                Lost++;
            }

            return new JournalFault(failure, delays.Item1, delays.Item2);
        }
    }
}
