using System.Collections.Immutable;
using Agora.Core.Kernel;
using Agora.Core.Nodes;
using RunDecision = Agora.Core.Kernel.Decision<Agora.Core.Runs.Leaf, Agora.Core.Runs.LeafEvent>;

namespace Agora.Core.Runs;

/// <summary>Whoever was asked to hold a run's price is told what became of it, until it has followed; and is answered, where it asks.</summary>
internal static class Telling
{
    public static Step[] Tell(ImmutableArray<Follower> followers)
    {
        var steps = new Step[followers.Length];
        for (var i = 0; i < steps.Length; i++)
        {
            steps[i] = Tell(followers[i]);
        }

        return steps;
    }

    public static Step Tell(Follower follower) => NodeSteps.Tell(
        follower.Node, follower.HoldId, follower.Posted, follower.AmountMicros, outcome => NodeSteps.HasFollowed(outcome) ? new RunCommand.NodeTold(follower.RunId, follower.HoldId) : null, follower.Tokens);

    /// <summary>One event for all nodes of the run that had to be told, when the last of them has answered.</summary>
    public static RunDecision Told(Leaf leaf, RunCommand.NodeTold c)
    {
        var (others, waits) = (new List<Guid>(3), false);
        Follower? told = null;
        foreach (var follower in leaf.Followers)
        {
            if (follower.RunId != c.RunId) continue;

            others.Add(follower.HoldId);
            if (follower.HoldId == c.HoldId)
            {
                told = follower;
            }
            else waits |= !follower.Told;
        }

        return told is null ? RunDecision.NoChange
            : waits ? RunDecision.NoChange.WithSoft(leaf with { Followers = leaf.Followers.Replace(told, told with { Told = true }) })
            : RunDecision.Did(new RunEvent.NodesFollowed(c.RunId, others)).Ride(Riding.UntilAlarm);
    }

    public static RunDecision Inquire(Leaf leaf, NodeCommand.Inquire c) => HoldOwner.Answer<Leaf, LeafEvent>(
        c,
        IsOpen(leaf, c, out var run),
        leaf.Followers.FirstOrDefault(f => f.HoldId == c.HoldId) is { } follower ? (follower.Posted, follower.AmountMicros, follower.Tokens) : null,
        new RunEvent.HoldDisowned(c.RunId, c.HoldId),
        run?.Calling is null ? null : Limits.ModelCallOpenSeconds);

    private static bool IsOpen(Leaf leaf, NodeCommand.Inquire c, out PendingRun? run) => leaf.Pending.TryGetValue(c.RunId, out run) && RunHolds.Has(leaf, run, c.HoldId);
}
