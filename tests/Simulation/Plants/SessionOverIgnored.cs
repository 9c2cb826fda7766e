using Agora.Core.Kernel;
using Agora.Core.Nodes;
using Agora.Core.Users;

namespace Agora.Simulation.Plants;

/// <summary>What a session had asked for is held when it arrives, though the session is over by then, its grant or key with it.</summary>
public sealed class SessionOverIgnored : Plant
{
    public override string Name => "session-over-ignored";

    public override Entity Instead(Entity entity) => entity switch
    {
        Entity<UserState, UserCommand, UserEvent> user => user with { Decide = Decide },
        _ => entity,
    };

    private static Decision<UserState, UserEvent> Decide(UserState state, UserCommand command, Context context) => UserDecider.Decide(
        command is UserCommand.Node { Asked: NodeCommand.Reserve { Terms: ReserveTerms.OfUser terms } c } && StreamId.Parse(c.Owner).Id is var id && !state.Sessions.ContainsKey(id)
            ? state with { Sessions = state.Sessions.Add(id, new(new(id, terms.AgentId, state.Stream.Id, new([], [], [], []), 0, context.Now, context.Now), default, Begun: true)) }
            : state,
        command,
        context);
}
