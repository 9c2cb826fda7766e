using System.Runtime.CompilerServices;
using Agora.Journal;
using Agora.Testing;

namespace Agora.Simulation.Plants;

/// <summary>Endpoints are told what one look at the feed shows with the last of it first.</summary>
public sealed class ToldBackwards : Plant
{
    public override string Name => "told-backwards";

    public override bool IsWide => true;

    public override IJournal Between(IJournal journal, TaskScheduler process) => new Backwards(journal);

    private sealed class Backwards(IJournal journal) : DelegatingJournal(journal)
    {
        public override async IAsyncEnumerable<FeedWindow> Follow(FeedQuery query, [EnumeratorCancellation] CancellationToken cancel)
        {
            await foreach (var window in base.Follow(query, cancel))
            {
                yield return window with { Rows = [.. window.Rows.Reverse()] };
            }
        }
    }
}
