using Agora.Core;
using Agora.Journal;

namespace Agora.Simulation.Plants;

/// <summary>Agents are told what one look at the feed shows with the last of it first.</summary>
public sealed class OrderBroken : FeedPlant
{
    public override string Name => "order-broken";

    protected override bool IsShown(FeedQuery query) => query.Kinds.Contains(Kinds.Conversation);

    protected override FeedWindow Instead(FeedWindow window) => window with { Rows = [.. window.Rows.Reverse()], Positions = [.. window.Positions.Reverse()] };
}
