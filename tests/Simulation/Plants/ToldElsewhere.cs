using Agora.Core.Kernel;
using Agora.Journal;

namespace Agora.Simulation.Plants;

/// <summary>What happens in any tenant is told to the endpoint of the default one.</summary>
public sealed class ToldElsewhere : FeedPlant
{
    public override string Name => "told-elsewhere";

    protected override FeedWindow Instead(FeedWindow window) =>
        window with { Rows = [.. window.Rows.Select(row => row with { Stream = (StreamId.Parse(row.Stream) with { Tenant = StreamId.DefaultTenant }).ToString() })] };
}
