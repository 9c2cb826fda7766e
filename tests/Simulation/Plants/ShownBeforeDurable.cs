using System.Runtime.CompilerServices;
using Agora.Core;
using Agora.Core.Kernel;
using Agora.Journal;
using Agora.Testing;

namespace Agora.Simulation.Plants;

/// <summary>Agents are told what their process has sent to the journal, and not what stands there.</summary>
public sealed class ShownBeforeDurable : Plant
{
    public override string Name => "shown-before-durable";

    public override bool IsWide => true;

    public override IJournal Between(IJournal journal, TaskScheduler process) => new Hasty(journal);

    private sealed class Hasty(IJournal journal) : DelegatingJournal(journal)
    {
        private readonly Dictionary<string, JournalRow> _sent = new(StringComparer.Ordinal);

        public override async Task<IReadOnlyList<AppendOutcome>> Append(IReadOnlyList<StreamAppend> batch, bool again, CancellationToken cancel)
        {
            foreach (var row in batch.Select(append => append.Row).OfType<JournalRow>().Where(row => StreamId.Parse(row.Stream).Kind == Kinds.Conversation)) _sent[row.Stream] = row;

            var written = await base.Append(batch, again, cancel);
            foreach (var append in batch) _sent.Remove(append.Stream);
            return written;
        }

        public override async IAsyncEnumerable<FeedWindow> Follow(FeedQuery query, [EnumeratorCancellation] CancellationToken cancel)
        {
            await foreach (var window in base.Follow(query, cancel))
            {
                IReadOnlyList<JournalRow> sent = query.Kinds.Contains(Kinds.Conversation) && query.Streams is null && !window.Reset ? [.. _sent.Values] : [];
                yield return window with { Rows = [.. window.Rows, .. sent], Positions = [.. window.Positions, .. sent.Select(_ => FeedCursor.Parse(window.Cursor).Place.Position + 1)] };
            }
        }
    }
}
