using Agora.Journal;

namespace Agora.Simulation.Plants;

/// <summary>Endpoints are told what one look at the feed shows with the last of it first.</summary>
public sealed class ToldBackwards : FeedPlant
{
    public override string Name => "told-backwards";

    protected override FeedWindow Instead(FeedWindow window) => window with { Rows = [.. window.Rows.Reverse()] };
}
