using Agora.Journal;
using Agora.Testing;

namespace Agora.Simulation.Plants;

/// <summary>An append is written after whatever stands there now, and a head check always holds: nobody ever loses its place.</summary>
public sealed class NoFencing : Plant
{
    private const int Page = 10_000;

    public override string Name => "no-fencing";

    public override IJournal Between(IJournal journal, TaskScheduler process) => new Unfenced(journal);

    private sealed class Unfenced(IJournal journal) : DelegatingJournal(journal)
    {
        public override async Task<IReadOnlyList<AppendOutcome>> Append(IReadOnlyList<StreamAppend> batch, bool again, CancellationToken cancel)
        {
            var outcomes = (await base.Append(batch, again, cancel)).ToArray();
            for (var i = 0; i < outcomes.Length; i++)
            {
                if (outcomes[i] == AppendOutcome.Moved)
                {
                    outcomes[i] = batch[i].Row is { } row ? await AtTheEnd(batch[i], row, cancel) : AppendOutcome.Written;
                }
            }

            return outcomes;
        }

        private async Task<AppendOutcome> AtTheEnd(StreamAppend append, JournalRow row, CancellationToken cancel)
        {
            var rows = await Read(append.Stream, 0, Page, cancel);
            var head = rows.Count == 0 ? StreamHead.Empty : new StreamHead(rows[^1].Seq, rows[^1].Hash);
            return (await base.Append([append with { Head = head, Row = RowCodec.Next(append.Stream, head, RowCodec.Decode(row)) }], again: false, cancel))[0];
        }
    }
}
