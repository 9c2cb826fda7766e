using System.Runtime.CompilerServices;
using Agora.Core;
using Agora.Journal;
using Agora.Testing;

namespace Agora.Simulation.Plants;

/// <summary>Who follows the journal's feed is shown something else than stands there.</summary>
public abstract class FeedPlant : Plant
{
    public override bool IsWide => true;

    public override IJournal Between(IJournal journal, TaskScheduler process) => new Shown(journal, this);

    /// <summary>Whether it is this one who is shown something else: whoever tells endpoints.</summary>
    protected virtual bool IsShown(FeedQuery query) => !query.Kinds.Contains(Kinds.Conversation);

    protected abstract FeedWindow Instead(FeedWindow window);

    private sealed class Shown(IJournal journal, FeedPlant plant) : DelegatingJournal(journal)
    {
        public override async IAsyncEnumerable<FeedWindow> Follow(FeedQuery query, [EnumeratorCancellation] CancellationToken cancel)
        {
            await foreach (var window in base.Follow(query, cancel))
            {
                yield return plant.IsShown(query) ? plant.Instead(window) : window;
            }
        }
    }
}
