using Agora.Core;
using Agora.Journal;

namespace Agora.Simulation.Plants;

/// <summary>Of what one look at the feed shows agents are not told the last, and go on behind it.</summary>
public sealed class CursorTooFar : FeedPlant
{
    public override string Name => "cursor-too-far";

    protected override bool IsShown(FeedQuery query) => query.Kinds.Contains(Kinds.Conversation);

    protected override FeedWindow Instead(FeedWindow window) => window.Rows.Count > 1 ? window with { Rows = [.. window.Rows.SkipLast(1)] } : window;
}
