using Agora.Core.Kernel;
using Agora.Journal;
using Agora.Testing;

namespace Agora.Simulation.Checks;

/// <summary>
/// A process that ends in order leaves nothing behind: whatever its activations had decided when it was asked to end, what only rides among it, has been sent to
/// the journal when it has ended. Of an activation that had lost its place, or whose append failed, nothing more is expected.
/// </summary>
public sealed class Departures(Findings findings)
{
    public int Count { get; private set; }

    /// <summary>One process, from its start to its end.</summary>
    public sealed class Process
    {
        private readonly SortedDictionary<string, Activation> _activations = new(StringComparer.Ordinal);
        private bool _leaving;

        /// <summary>The stream is loaded anew.</summary>
        public void Activated(StreamId stream) => _activations[stream.ToString()] = new();

        public void Decided(StreamId stream, Guid command)
        {
            if (!_leaving && _activations.GetValueOrDefault(stream.ToString()) is { Failed: false } activation)
            {
                activation.Unsent.Add(command);
            }
        }

        /// <summary>Calls are refused from here on; what was under way is decided still, or left to the next process.</summary>
        public void Leaves() => _leaving = true;

        public IEnumerable<(string Stream, Guid Command)> Unsent => _activations.Where(a => !a.Value.Failed).SelectMany(a => a.Value.Unsent.Select(command => (a.Key, command)));

        public IJournal Between(IJournal journal) => new Watched(journal, this);

        private void Sent(StreamAppend append)
        {
            if (append.Row is { } row && _activations.TryGetValue(append.Stream, out var activation))
            {
                activation.Unsent.ExceptWith(RowCodec.Decode(row).Select(entry => entry.CommandId));
            }
        }

        private void Failed(StreamAppend append)
        {
            if (_activations.TryGetValue(append.Stream, out var activation))
            {
                activation.Failed = true;
            }
        }

        private sealed class Activation
        {
            public bool Failed { get; set; }

            public SortedSet<Guid> Unsent { get; } = [];
        }

        private sealed class Watched(IJournal journal, Process process) : DelegatingJournal(journal)
        {
            public override async Task<IReadOnlyList<AppendOutcome>> Append(IReadOnlyList<StreamAppend> batch, bool again, CancellationToken cancel)
            {
                foreach (var append in batch)
                {
                    process.Sent(append);
                }

                try
                {
                    var outcomes = await base.Append(batch, again, cancel);
                    foreach (var (append, _) in batch.Zip(outcomes).Where(each => each.Second != AppendOutcome.Written))
                    {
                        process.Failed(append);
                    }

                    return outcomes;
                }
                catch (JournalUnavailableException)
                {
                    foreach (var append in batch)
                    {
                        process.Failed(append);
                    }

                    throw;
                }
            }
        }
    }

    public void Ended(Process process)
    {
        Count++;
        foreach (var (stream, command) in process.Unsent.Take(1))
        {
            findings.Add($"{stream} had decided {command}, and its process ended in order without writing it.");
        }
    }
}
