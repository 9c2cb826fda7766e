using Agora.Core.Kernel;
using Agora.Core.Nodes;
using Agora.Core.Users;

namespace Agora.Simulation.Plants;

/// <summary>A user's stream does not hear which service is run, so that no cap of a service or category binds.</summary>
public sealed class PartUncounted : Plant
{
    public override string Name => "part-uncounted";

    public override Entity Instead(Entity entity) => entity switch
    {
        Entity<UserState, UserCommand, UserEvent> user => user with { Decide = Decide },
        _ => entity,
    };

    private static Decision<UserState, UserEvent> Decide(UserState state, UserCommand command, Context context) =>
        UserDecider.Decide(state, command is UserCommand.Node { Asked: NodeCommand.Reserve { Terms: ReserveTerms.OfUser terms } reserve } ? reserve with { Terms = terms with { ServiceId = null, Category = null } } : command, context);
}
