using System.Runtime.CompilerServices;
using Agora.Journal;
using Agora.Testing;

namespace Agora.Simulation.Plants;

/// <summary>Who follows the journal's feed is shown something else than stands there.</summary>
public abstract class FeedPlant : Plant
{
    public override bool IsWide => true;

    public override IJournal Between(IJournal journal, TaskScheduler process) => new Shown(journal, Instead);

    protected abstract FeedWindow Instead(FeedWindow window);

    private sealed class Shown(IJournal journal, Func<FeedWindow, FeedWindow> instead) : DelegatingJournal(journal)
    {
        public override async IAsyncEnumerable<FeedWindow> Follow(FeedQuery query, [EnumeratorCancellation] CancellationToken cancel)
        {
            await foreach (var window in base.Follow(query, cancel))
            {
                yield return instead(window);
            }
        }
    }
}
