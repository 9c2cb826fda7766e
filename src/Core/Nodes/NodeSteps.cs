using Agora.Core.Kernel;

namespace Agora.Core.Nodes;

/// <summary>How nodes are asked and told. The sender says only which stream and what; the entity there takes it as a command of its own.</summary>
internal static class NodeSteps
{
    /// <param name="key">What waits for the answer.</param>
    public static Step Ask(Phase phase, StreamId node, NodeCommand.Reserve asked, TimeSpan deadline, Guid key, Func<StepOutcome, object> then) =>
        new(phase, new StepTarget.Entity(node, asked, deadline), then, key);

    /// <summary>The owner's word on a hold, until the node has followed (<see cref="HasFollowed"/>).</summary>
    public static Step Tell(StreamId node, Guid holdId, bool posted, long amountMicros, Func<StepOutcome, object?> then, long tokens = 0) => new(
        Phase.AfterCommit,
        new StepTarget.Entity(node, posted ? new NodeCommand.Post(holdId, amountMicros, tokens) : new NodeCommand.Void(holdId)),
        then,
        holdId) { CanBeLeft = true };

    public static bool HasFollowed(StepOutcome outcome) => outcome is StepOutcome.Answered { Answer.Reply: HoldEnded };
}
