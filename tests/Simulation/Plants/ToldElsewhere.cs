using System.Runtime.CompilerServices;
using Agora.Core.Kernel;
using Agora.Journal;
using Agora.Testing;

namespace Agora.Simulation.Plants;

/// <summary>What happens in any tenant is told to the endpoint of the default one.</summary>
public sealed class ToldElsewhere : Plant
{
    public override string Name => "told-elsewhere";

    public override bool IsWide => true;

    public override IJournal Between(IJournal journal, TaskScheduler process) => new Astray(journal);

    private sealed class Astray(IJournal journal) : DelegatingJournal(journal)
    {
        public override async IAsyncEnumerable<FeedWindow> Follow(FeedQuery query, [EnumeratorCancellation] CancellationToken cancel)
        {
            await foreach (var window in base.Follow(query, cancel))
            {
                yield return window with { Rows = [.. window.Rows.Select(row => row with { Stream = (StreamId.Parse(row.Stream) with { Tenant = StreamId.DefaultTenant }).ToString() })] };
            }
        }
    }
}
