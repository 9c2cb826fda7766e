using Agora.Core.Access;
using Agora.Core.Kernel;
using Agora.Core.Nodes;
using Agora.Core.Runs;
using Agora.Core.Sessions;
using Agora.Core.Users;

namespace Agora.Simulation.Plants;

/// <summary>Who stands above a delegated session may be suspended: neither the user's stream nor the sessions above look, and those below do not hear of it.</summary>
public sealed class SuspensionAboveIgnored : Plant
{
    public override string Name => "suspension-above-ignored";

    public override Entity Instead(Entity entity) => entity switch
    {
        Entity<UserState, UserCommand, UserEvent> user => user with { Decide = DecideUser },
        Entity<SessionState, LeafCommand, LeafEvent> session => session with { Decide = DecideSession },
        _ => entity,
    };

    private static Decision<UserState, UserEvent> DecideUser(UserState state, UserCommand command, Context context) => UserDecider.Decide(
        command is UserCommand.Node { Asked: NodeCommand.Reserve { Terms: ReserveTerms.OfUser { Above: { } above } } } ? state with { Pairs = state.Pairs.RemoveRange(above) } : state, command, context);

    private static Decision<SessionState, LeafEvent> DecideSession(SessionState state, LeafCommand command, Context context) =>
        command is SessionCommand.Access { Told: AccessCommand.SetStanding { Suspended: true } told } && !state.Path.IsEmpty
            ? Decision<SessionState, LeafEvent>.Accept(new StandingTaken(state.SessionId, told.Revision))
            : SessionDecider.Decide(command is SessionCommand.Node { Asked: NodeCommand.Reserve } ? state with { Suspended = false } : state, command, context);
}
