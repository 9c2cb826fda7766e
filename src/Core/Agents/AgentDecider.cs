using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using Agora.Core.Kernel;
using Decided = Agora.Core.Kernel.Decision<Agora.Core.Agents.AgentState, Agora.Core.Agents.AgentEvent>;

namespace Agora.Core.Agents;

/// <summary>
/// An agent: who is behind it, and its keys.
/// <para>Rules. The owner is absolute: the same one again changes nothing. A key is issued for a time that has not passed, at most <see cref="Limits.LiveKeys"/> at once. Revoking is for
/// ever, and the second time answers as the first. A presented hash is compared with every key in constant time, so neither
/// how near it came nor which key it was can be measured.</para>
/// </summary>
public sealed class AgentDecider : IDecider<AgentState, AgentCommand, AgentEvent>
{
    private AgentDecider()
    {
    }

    public static AgentState Initial(StreamId stream) => AgentState.Initial(stream);

    public static Decided Decide(AgentState state, AgentCommand command, Context context) => command switch
    {
        AgentCommand.PutAgent c => PutAgent(state, c, context),
        AgentCommand.Get => state.UpdatedAt is { } at ? Decided.Query(state.View(at)) : Decided.Reject(AgentRejection.NotFound()),
        AgentCommand.IssueKey c => IssueKey(state, c, context),
        AgentCommand.RevokeKey c => RevokeKey(state, c, context),
        AgentCommand.VerifyKey c => VerifyKey(state, c, context),
        AgentCommand.Tick => Decided.Accept(Nothing.Value),
        _ => throw new UnreachableException(),
    };

    private static Decided PutAgent(AgentState state, AgentCommand.PutAgent c, Context context)
    {
        if (state.UpdatedAt is { } before && state.Owner == c.Owner) return Decided.Accept(state.View(before));

        var view = new AgentView(state.Stream.Id, c.Owner, context.Now);
        return Decided.Accept(view, new AgentEvent.AgentPut(view));
    }

    private static Decided IssueKey(AgentState state, AgentCommand.IssueKey c, Context context)
    {
        if (c.ExpiresAt <= context.Now) return Decided.Reject(AgentRejection.ExpiryPast());
        if (state.LiveKeys(context.Now) >= Limits.LiveKeys) return Decided.Reject(AgentRejection.TooManyKeys());

        var id = context.NewId(0).ToString("N");
        return Decided.Accept(new KeyIssued(id, c.ExpiresAt), new AgentEvent.KeyIssued(id, c.Hash, c.ExpiresAt));
    }

    private static Decided RevokeKey(AgentState state, AgentCommand.RevokeKey c, Context context)
    {
        if (!state.Keys.TryGetValue(c.KeyId, out var key)) return Decided.Reject(AgentRejection.NoSuchKey());
        if (key.RevokedAt is { } before) return Decided.Accept(new KeyRevoked(c.KeyId, before));

        return Decided.Accept(new KeyRevoked(c.KeyId, context.Now), new AgentEvent.KeyRevoked(c.KeyId, context.Now));
    }

    private static Decided VerifyKey(AgentState state, AgentCommand.VerifyKey c, Context context)
    {
        var presented = Encoding.UTF8.GetBytes(c.Hash);
        string? accepted = null;
        foreach (var key in state.Keys.Values)
        {
            var equal = CryptographicOperations.FixedTimeEquals(presented, Encoding.UTF8.GetBytes(key.Hash));
            accepted = equal & key.IsLive(context.Now) ? key.KeyId : accepted;
        }

        return accepted is null ? Decided.Reject(AgentRejection.Unauthorized()) : Decided.Query(new KeyAccepted(accepted));
    }

    public static AgentState Evolve(AgentState state, AgentEvent @event, DateTimeOffset at) => state.Evolve(@event, at);

    public static void CheckInvariants(AgentState state, bool thorough) => state.CheckInvariants();

    public static IEnumerable<Step> Unfinished(AgentState state, DateTimeOffset now) => [];

    public static bool IsUnfinished(AgentState state) => false;

    public static DateTimeOffset? Due(AgentState state) => null;

    public static AgentCommand Tick { get; } = new AgentCommand.Tick();

    public static Settlement? Recall(AgentEvent @event, Guid commandId) => @event switch
    {
        AgentEvent.AgentPut e => new(commandId, Answer.Of(e.View)),
        AgentEvent.KeyIssued e => new(commandId, Answer.Of(new KeyIssued(e.KeyId, e.ExpiresAt))),
        AgentEvent.KeyRevoked e => new(commandId, Answer.Of(new KeyRevoked(e.KeyId, e.RevokedAt))),
        _ => throw new UnreachableException(),
    };

    public static IEnumerable<Row> Rows(AgentState state, AgentEvent @event, DateTimeOffset at) => [AgentTables.Row(state, at)];

    public static UnionCodec<AgentEvent> Events => AgentCodec.Events;

    public static UnionCodec<AgentCommand> Commands => AgentCodec.Commands;

    public static string? PersonalKey(AgentState state) => null;

    /// <summary>Each event holds all that it was decided on.</summary>
    public static bool KeepsCause(AgentCommand command) => false;

    public static int SnapshotVersion => 1;

    public static byte[] Save(AgentState state) => AgentCodec.Save(state);

    public static AgentState Restore(ReadOnlyMemory<byte> saved) => AgentCodec.Restore(saved);
}
